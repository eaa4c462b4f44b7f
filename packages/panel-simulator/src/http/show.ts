import { mayDo, type Resource } from '../keys.ts'
import { listAt } from '../validation/input.ts'
import type { Call } from './route.ts'

/** How a kind of row is shown, and what can be shown with it by `?include=`. */
export type Shape<Row> = {
  object: string
  attributes: (row: Row) => object
  /** In the order in which the panel shows them, whatever the order in which they are asked for. */
  includes: Record<string, Include<Row>>
}

type Include<Row> = { needs: Resource | null; show: (row: Row, show: Show) => Shown }
type Show = <Row>(shape: Shape<Row>, row: Row) => Shown
type Shown = { object: string; attributes: object | null } | { object: 'list'; data: object[] }

/** What a key may not read is shown as a null resource, and an unknown include is not shown at all. */
export function show<Row>(call: Call, shape: Shape<Row>, row: Row): Shown {
  return showWith(call, shape, row, wantedIncludes(call))
}

export function showList<Row>(show: Show, shape: Shape<Row>, rows: Row[]): Shown {
  return { object: 'list', data: rows.map((row) => show(shape, row)) }
}

function showWith<Row>(call: Call, shape: Shape<Row>, row: Row, wanted: string[]): Shown {
  const relationships = Object.entries(shape.includes).flatMap(([name, include]) => {
    const asked = wanted.filter((path) => path === name || path.startsWith(`${name}.`))
    if (asked.length === 0) return []
    if (include.needs !== null && !mayDo(call.key, include.needs, 'read')) return [[name, nullResource]]
    const deeper = asked.map((path) => path.slice(name.length + 1)).filter((path) => path !== '')
    return [[name, include.show(row, (inner, its) => showWith(call, inner, its, deeper))]]
  })
  const attributes = shape.attributes(row)
  return {
    object: shape.object,
    attributes:
      relationships.length > 0
        ? { ...attributes, relationships: Object.fromEntries(relationships) }
        : attributes,
  }
}

export const nullResource = { object: 'null_resource', attributes: null }

function wantedIncludes({ query, body }: Call): string[] {
  const inBody = typeof body.include === 'string' ? [body.include] : listAt(body, 'include')
  return [query.get('include') ?? '', ...query.getAll('include[]'), ...inBody]
    .flatMap((list) => String(list).split(','))
    .map((name) => name.trim())
    .filter((name) => name !== '')
}
