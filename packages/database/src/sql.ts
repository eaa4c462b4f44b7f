import { empty, raw, type Sql } from '@prisma/client/runtime/client'
import { literal, type Value } from './literal.ts'

export { empty, raw, type Sql }

/**
 * A statement, or a part of one, for Prisma's $queryRaw and $executeRaw. Its values are written out as literals right here. As
 * parameters each of them would go through Prisma's conversions and the driver's escaping, letter by letter: for a statement
 * with a list that costs more than all the rest. The server is sent the same text either way.
 */
export function sql(strings: readonly string[], ...values: (Value | undefined)[]): Sql {
  return raw(strings.reduce((text, part, index) => text + literal(values[index - 1]) + part))
}

export function join(values: readonly (Value | undefined)[], separator = ', '): Sql {
  return raw(values.map(literal).join(separator))
}
