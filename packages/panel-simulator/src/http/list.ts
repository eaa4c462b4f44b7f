import { ok } from './answer.ts'
import type { Answer } from './answer-parts.ts'
import { PanelError, unexpected } from './errors.ts'
import type { Call } from './route.ts'

type Filters<Row> = Record<string, (row: Row, values: string[]) => boolean>

/** What `filter[…]` and `sort` leave; an unknown one is an error that names those that are known. */
export function select<Row extends { id: number }>(
  call: Call,
  rows: Row[],
  { filters, sorts = ['id'] }: { filters: Filters<Row>; sorts?: (keyof Row & string)[] },
): Row[] {
  const wanted = [...call.query].flatMap(([name, value]) => {
    const filter = /^filter\[(.+)\]$/.exec(name)?.[1]
    return filter === undefined ? [] : [{ filter, value }]
  })
  const unknown = wanted.filter(({ filter }) => !filters[filter]).map(({ filter }) => filter)
  if (unknown.length > 0) {
    throw new PanelError(
      400,
      'InvalidFilterQuery',
      `Requested filter(s) \`${unknown.join(', ')}\` are not allowed. Allowed filter(s) are \`${Object.keys(filters).join(', ')}\`.`,
    )
  }
  const kept = wanted.reduce((left, { filter, value }) => {
    const matches = filters[filter]
    const values = value.split(',').map((part) => part.trim())
    return matches && value.trim() !== '' ? left.filter((row) => matches(row, values)) : left
  }, rows)
  return sort(kept, call.query.get('sort'), sorts)
}

/** One page, with links that drop the rest of the query, as the panel's do. */
export function page<Row>(call: Call, rows: Row[], show: (row: Row) => object): Answer {
  const perPage = perPageOf(call)
  const current = Math.max(1, Number.parseInt(call.query.get('page') ?? '1', 10) || 1)
  const last = Math.max(1, Math.ceil(rows.length / perPage))
  const data = rows.slice((current - 1) * perPage, current * perPage).map(show)
  const link = (number: number) => `${call.origin}${call.path}?page=${number}`
  return ok({
    object: 'list',
    data,
    meta: {
      pagination: {
        total: rows.length,
        count: data.length,
        per_page: perPage,
        current_page: current,
        total_pages: last,
        links: {
          ...(current > 1 && { previous: link(current - 1) }),
          ...(current < last && { next: link(current + 1) }),
        },
      },
    },
  })
}

function perPageOf({ query }: Call): number {
  const value = query.get('per_page')
  if (value === null || value.trim() === '') return 50
  if (!/^\s*[+-]?\d+\s*$/.test(value)) throw unexpected('TypeError')
  const perPage = Number(value)
  if (perPage < 0) throw unexpected('QueryException')
  return perPage === 0 ? 15 : perPage
}

function sort<Row extends { id: number }>(
  rows: Row[],
  by: string | null,
  sorts: (keyof Row & string)[],
): Row[] {
  if (by === null || by === '') return rows
  const wanted = by.replace(/^-/, '')
  const column = sorts.find((name) => name === wanted)
  if (column === undefined) {
    throw new PanelError(
      400,
      'InvalidSortQuery',
      `Requested sort(s) \`${wanted}\` is not allowed. Allowed sort(s) are \`${sorts.join(', ')}\`.`,
    )
  }
  const ascending = rows.toSorted((a, b) =>
    a[column] < b[column] ? -1 : a[column] > b[column] ? 1 : a.id - b.id,
  )
  return by.startsWith('-') ? ascending.toReversed() : ascending
}
