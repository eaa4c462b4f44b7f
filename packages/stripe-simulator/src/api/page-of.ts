import type { PageQuery } from '../collection.ts'
import { ApiError } from './api-error.ts'
import { firstPage } from './cut-lists.ts'

/** One page of a list that has an order of its own, such as the lines of an invoice. */
export function pageOf<T extends { id: string }>(
  items: readonly T[],
  { limit = firstPage, starting_after, ending_before }: PageQuery,
  { kind, url }: { kind: string; url: string },
) {
  const at = (name: 'starting_after' | 'ending_before', id: string) => {
    const position = items.findIndex((item) => item.id === id)
    if (position < 0) throw new ApiError(400, `No such ${kind}: '${id}'`, resourceMissing(name))
    return position
  }
  if (ending_before !== undefined) {
    const end = at('ending_before', ending_before)
    const data = items.slice(Math.max(0, end - limit), end)
    return { object: 'list' as const, data, has_more: end > limit, url }
  }
  const start = starting_after === undefined ? 0 : at('starting_after', starting_after) + 1
  const data = items.slice(start, start + limit)
  return { object: 'list' as const, data, has_more: start + limit < items.length, url }
}

const resourceMissing = (param: string) => ({ code: 'resource_missing', param })
