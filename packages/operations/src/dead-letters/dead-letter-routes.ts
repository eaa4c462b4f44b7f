import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { body, json, problem } from '@spawnpoint/service-kit'
import type { Tables } from '../tables.ts'
import { type DeadLetterRow, listDeadLetters, resolveDeadLetters, type Which } from './dead-letters.ts'
import { type RedriveOptions, redriveDeadLetters } from './redrive.ts'

const invalid = problem('The request does not fit')

const word = z.string().regex(/^[\x21-\x7e]{1,191}$/, '1 to 191 visible ASCII characters')
const moment = z.iso.datetime({ offset: true }).transform((text) => new Date(text))
/** `type` is the event's type, or the subject of a message that is no event. */
const filter = z.object({
  class: word.optional(),
  consumer: word.optional(),
  type: word.optional(),
  since: moment.optional(),
  until: moment.optional(),
})
const which = z.object({
  ids: z.array(word).min(1).max(100).optional(),
  filter: filter.strict().optional(),
})
const onlyOne = (body: z.infer<typeof which>) => (body.ids === undefined) !== (body.filter === undefined)
const onlyOneMessage = { error: 'Give either ids or a filter ({} is every open one)' }

const deadLetterSchema = z
  .object({
    id: z.string(),
    consumer: z.string(),
    class: z.string(),
    type: z.string(),
    first_error: z.string(),
    last_error: z.string(),
    attempts: z.number().int(),
    created_at: z.iso.datetime(),
    resolved_at: z.iso.datetime().nullable(),
    resolved_by: z.string().nullable(),
    note: z.string().nullable(),
    /** The message as it came. */
    envelope: z.string(),
  })
  .openapi('DeadLetter')

const redrivenSchema = z
  .object({
    id: z.string(),
    outcome: z.enum([
      'done',
      'ignored',
      'parked',
      'dead',
      'failed',
      'unreadable',
      'not_found',
      'already_resolved',
      'already_decided',
    ]),
    detail: z.string().nullable(),
  })
  .openapi('Redriven')

const routes = {
  list: createRoute({
    method: 'get',
    path: '/admin/dead-letters',
    summary: 'Events that no retry helps, oldest first',
    request: {
      query: filter.extend({
        state: z.enum(['open', 'resolved', 'all']).default('open'),
        limit: z.coerce.number().int().min(1).max(100).default(20),
        starting_after: word.optional(),
      }),
    },
    responses: {
      200: json(
        z.object({
          data: z.array(deadLetterSchema),
          has_more: z.boolean(),
          next_cursor: z.string().nullable(),
        }),
        'Oldest first',
      ),
      422: invalid,
    },
  }),
  redrive: createRoute({
    method: 'post',
    path: '/admin/dead-letters/redrive',
    summary: 'Decides dead letters again; by filter at most `limit` of them, oldest first',
    request: {
      body: body(
        which
          .extend({ limit: z.number().int().min(1).max(100).default(100) })
          .refine(onlyOne, onlyOneMessage),
        'Which',
      ),
    },
    responses: {
      200: json(
        z.object({ results: z.array(redrivenSchema), remaining: z.number().int() }),
        'What became of each',
      ),
      422: invalid,
    },
  }),
  resolve: createRoute({
    method: 'post',
    path: '/admin/dead-letters/resolve',
    summary: 'Closes dead letters without deciding anything',
    request: {
      body: body(
        which.extend({ note: z.string().trim().min(1).max(1000) }).refine(onlyOne, onlyOneMessage),
        'Which, and why',
      ),
    },
    responses: { 200: json(z.object({ resolved: z.number().int() }), 'How many'), 422: invalid },
  }),
}

/** The dead letters of a service, over HTTP. */
export function addDeadLetterRoutes<Tx extends Tables>(app: OpenAPIHono, options: RedriveOptions<Tx>): void {
  const { prisma } = options

  app.openapi(routes.list, async (c) => {
    const { limit, starting_after: after, ...filter } = c.req.valid('query')
    const rows = await listDeadLetters(prisma, { filter, after, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const hasMore = rows.length > limit
    const next = hasMore ? (page.at(-1)?.event_id ?? null) : null
    return c.json({ data: page.map(show), has_more: hasMore, next_cursor: next }, 200)
  })
  app.openapi(routes.redrive, async (c) => {
    const { limit, ...asked } = c.req.valid('json')
    return c.json(await redriveDeadLetters(options, whichOf(asked), { by: c.get('apiKey'), limit }), 200)
  })
  app.openapi(routes.resolve, async (c) => {
    const { note, ...asked } = c.req.valid('json')
    const resolved = await resolveDeadLetters(prisma, whichOf(asked), { note, by: c.get('apiKey') })
    return c.json({ resolved }, 200)
  })
}

function whichOf({ ids, filter = {} }: z.infer<typeof which>): Which {
  return ids ? { ids } : { filter }
}

function show({
  event_id: id,
  subject,
  created_at,
  resolved_at,
  ...row
}: DeadLetterRow): z.infer<typeof deadLetterSchema> {
  return {
    ...row,
    id,
    type: subject,
    attempts: Number(row.attempts),
    created_at: created_at.toISOString(),
    resolved_at: resolved_at?.toISOString() ?? null,
  }
}
