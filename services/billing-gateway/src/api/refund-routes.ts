import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { body, json, Problem, problem } from '@spawnpoint/service-kit'
import { type RefundRequest, refundRequestStatuses } from '../rules/refund-request.ts'
import { decideRefund, listRefundRequests, readRefundRequest } from '../store/refund-requests.ts'
import type { Tx } from '../store/tx.ts'

const time = z.iso.datetime()
const refundRequest = z
  .object({
    refund_request_id: z.string(),
    order_id: z.string(),
    payment_id: z.string(),
    amount: z.object({ amount: z.number().int(), currency: z.string() }),
    reason: z.string(),
    status: z.enum(refundRequestStatuses),
    refund_id: z.string().nullable(),
    decided_by: z.string().nullable(),
    attempts: z.number().int(),
    next_attempt_at: time.nullable(),
    error: z.string().nullable(),
    note: z.string().nullable(),
    created_at: time,
    sent_at: time.nullable(),
  })
  .openapi('RefundRequest')
const id = z.object({ id: z.uuid() })

const listRoute = createRoute({
  method: 'get',
  path: '/admin/refunds',
  summary: 'Refund requests and their states, newest first',
  request: {
    query: z.object({
      limit: z.coerce.number().int().min(1).max(100).default(20),
      starting_after: z.uuid().optional(),
      status: z.enum(refundRequestStatuses).optional(),
    }),
  },
  responses: {
    200: json(
      z.object({ data: z.array(refundRequest), has_more: z.boolean(), next_cursor: z.string().nullable() }),
      'One page',
    ),
    401: problem('No API key'),
    422: problem('Invalid query parameter'),
  },
})

const decided = {
  200: json(refundRequest, 'The request as it is now'),
  401: problem('No API key'),
  404: problem('No such request'),
  409: problem('Too late: see its status'),
}

const approveRoute = createRoute({
  method: 'post',
  path: '/admin/refunds/{id}/approve',
  summary: 'Approves a refund, and retries one that failed or that the bank returned',
  request: { params: id },
  responses: decided,
})

const refuseRoute = createRoute({
  method: 'post',
  path: '/admin/refunds/{id}/refuse',
  summary: 'Refuses a refund',
  request: { params: id, body: body(z.object({ reason: z.string().min(1).max(500) })) },
  responses: { ...decided, 422: problem('No reason given') },
})

export function addRefundRoutes(
  app: OpenAPIHono,
  { prisma, wakeRefunds }: { prisma: Tx; wakeRefunds: () => void },
): void {
  app.openapi(listRoute, async (c) => {
    const { requests, hasMore } = await listRefundRequests(prisma, c.req.valid('query'))
    const next = hasMore ? (requests.at(-1)?.id ?? null) : null
    return c.json({ data: requests.map(showRefundRequest), has_more: hasMore, next_cursor: next }, 200)
  })
  app.openapi(approveRoute, async (c) => {
    const { id } = c.req.valid('param')
    const request = await decide(prisma, id, { status: 'approved', by: c.get('apiKey'), note: null })
    wakeRefunds()
    return c.json(showRefundRequest(request), 200)
  })
  app.openapi(refuseRoute, async (c) => {
    const { id } = c.req.valid('param')
    const note = c.req.valid('json').reason
    return c.json(
      showRefundRequest(await decide(prisma, id, { status: 'refused', by: c.get('apiKey'), note })),
      200,
    )
  })
}

async function decide(
  prisma: Tx,
  id: string,
  decision: Parameters<typeof decideRefund>[2],
): Promise<RefundRequest> {
  const isDecided = await decideRefund(prisma, id, decision)
  const request = await readRefundRequest(prisma, id)
  if (!request) throw new Problem(404, 'refund_request_not_found', `No refund request ${id}.`)
  if (!isDecided && request.status !== decision.status)
    throw new Problem(409, 'refund_request_decided', `The request is ${request.status} already.`)
  return request
}

export function showRefundRequest({ id, orderId, paymentId, amount, currency, ...request }: RefundRequest) {
  return {
    refund_request_id: id,
    order_id: orderId,
    payment_id: paymentId,
    amount: { amount, currency },
    reason: request.reason,
    status: request.status,
    refund_id: request.refundId,
    decided_by: request.decidedBy,
    attempts: request.attempts,
    next_attempt_at: request.nextAttemptAt?.toISOString() ?? null,
    error: request.error,
    note: request.note,
    created_at: request.createdAt.toISOString(),
    sent_at: request.sentAt?.toISOString() ?? null,
  }
}
