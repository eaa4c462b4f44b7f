import { Hono } from 'hono'
import { z } from 'zod'
import type { Account } from '../account.ts'
import type { Collection } from '../collection.ts'
import { missing, missingParam } from './api-error.ts'
import { type Call, type Env, idOf, paramsOf, reply } from './call.ts'
import { expandIn } from './expand.ts'
import { expand, flag, inRange, paging, range, text } from './params.ts'

type Readable = { id: string; object: string } & ({ created: number } | { date: number })

/** `GET /` with Stripe's paging, `created` and the filters named, and `GET /:id`. */
export function readRoutes<T extends Readable>(
  account: Account,
  collection: Collection<T>,
  {
    kind,
    filters = [],
    flags = {},
  }: {
    kind: string
    filters?: readonly (keyof T & string)[]
    /** Filters that are true or false, by what they ask of an object. */
    flags?: Record<string, (item: T) => boolean>
  },
) {
  const schema = z.strictObject({
    ...paging,
    created: range,
    ...Object.fromEntries(filters.map((name) => [name, text.optional()])),
    ...Object.fromEntries(Object.keys(flags).map((name) => [name, flag.optional()])),
  })
  const isAsFlagged = (params: object, item: T) =>
    Object.entries(flags).every(([name, is]) => !(name in params) || Reflect.get(params, name) === is(item))

  return new Hono<Env>()
    .get('/', async (call) => {
      const params = await paramsOf(call, schema)
      const wanted = (item: T) =>
        inRange(madeAt(item), params.created) &&
        isAsFlagged(params, item) &&
        filters.every((name) => !(name in params) || Reflect.get(params, name) === String(item[name]))
      return reply(call, expandIn(account, listOf(call, collection, { kind, params, wanted }), params.expand))
    })
    .get('/:id', async (call) => {
      const { expand: paths } = await paramsOf(call, z.strictObject({ expand }))
      const found = collection.get(idOf(call))
      if (!found) throw missing(kind, idOf(call))
      return reply(call, expandIn(account, found, paths))
    })
}

function madeAt(item: Readable) {
  return 'created' in item ? item.created : item.date
}

type Paging = {
  limit?: number | undefined
  starting_after?: string | undefined
  ending_before?: string | undefined
}

/** One page of a collection, newest first; a cursor that does not exist is the caller's mistake. */
export function listOf<T extends { id: string; object: string }>(
  call: Call,
  collection: Collection<T>,
  { kind, params, wanted }: { kind: string; params: Paging; wanted: (item: T) => boolean },
) {
  for (const name of ['starting_after', 'ending_before'] as const) {
    const cursor = params[name]
    if (cursor !== undefined && !collection.has(cursor)) throw missingParam(kind, cursor, name)
  }
  return { object: 'list' as const, ...collection.page(params, wanted), url: new URL(call.req.url).pathname }
}
