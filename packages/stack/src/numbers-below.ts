import { raw, type Sql } from '@spawnpoint/database'

/** A table `numbers` with an `n` for each number below `count`, 100,000 at most: what INSERT … SELECT fills others from. */
export function numbersBelow(count: number): Sql {
  const digits = Array.from({ length: 10 }, (_, digit) => `SELECT ${digit} AS digit`).join(' UNION ALL ')
  const places = [1, 10, 100, 1_000, 10_000]
  const sum = places.map((place) => `${place} * digits_${place}.digit`).join(' + ')
  const tables = places.map((place) => `(${digits}) digits_${place}`).join(', ')
  return raw(`(SELECT ${sum} AS n FROM ${tables} HAVING n < ${count}) numbers`)
}
