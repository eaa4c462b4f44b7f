import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { Transaction } from '@spawnpoint/database'
import { json, problem } from '@spawnpoint/service-kit'
import { type AuditRow, listAudit } from './audit-log.ts'

/** What it was, and what it became; null where there was nothing, or the request was refused. */
const state = z.unknown().nullable()

const auditSchema = z
  .object({
    seq: z.number().int(),
    at: z.iso.datetime(),
    /** The name of the API key. */
    key: z.string(),
    /** The other end of the connection, which behind a proxy is the proxy. */
    address: z.string().nullable(),
    method: z.string(),
    route: z.string(),
    path: z.string(),
    status: z.number().int(),
    /** Why it was refused. */
    code: z.string().nullable(),
    request_id: z.string(),
    /** The order that it is about, or else what its path names. */
    subject: z.string().nullable(),
    before: state,
    after: state,
  })
  .openapi('AuditEntry')

const list = createRoute({
  method: 'get',
  path: '/admin/audit',
  summary: 'Who changed what, and what was refused, newest first',
  request: {
    query: z.object({
      key: z.string().min(1).max(63).optional(),
      subject: z.string().min(1).max(191).optional(),
      since: z.iso
        .datetime({ offset: true })
        .transform((text) => new Date(text))
        .optional(),
      limit: z.coerce.number().int().min(1).max(100).default(20),
      starting_after: z.coerce.number().int().positive().max(Number.MAX_SAFE_INTEGER).optional(),
    }),
  },
  responses: {
    200: json(
      z.object({ data: z.array(auditSchema), has_more: z.boolean(), next_cursor: z.string().nullable() }),
      'One page',
    ),
    422: problem('The request does not fit'),
  },
})

/** The audit log of a service, over HTTP. */
export function addAuditRoutes(app: OpenAPIHono, { prisma }: { prisma: Transaction }): void {
  app.openapi(list, async (c) => {
    const { limit, ...filter } = c.req.valid('query')
    const rows = await listAudit(prisma, { ...filter, limit: limit + 1 })
    const page = rows.slice(0, limit)
    const last = rows.length > limit ? page.at(-1) : undefined
    const next_cursor = last ? String(last.seq) : null
    return c.json({ data: page.map(show), has_more: last !== undefined, next_cursor }, 200)
  })
}

function show({ at, apiKey, requestId, before, after, ...row }: AuditRow): z.output<typeof auditSchema> {
  return {
    seq: row.seq,
    at: at.toISOString(),
    key: apiKey,
    address: row.address,
    method: row.method,
    route: row.route,
    path: row.path,
    status: row.status,
    code: row.code,
    request_id: requestId,
    subject: row.subject,
    before: read(before),
    after: read(after),
  }
}

function read(state: string | null): unknown {
  return state === null ? null : JSON.parse(state)
}
