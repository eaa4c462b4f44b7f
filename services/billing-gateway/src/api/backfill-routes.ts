import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { json, problem } from '@spawnpoint/service-kit'
import { lastBackfill, lastBackfillSchema, requestBackfill } from '../store/backfill-runs.ts'
import type { Tx } from '../store/tx.ts'

const backfill = lastBackfillSchema.openapi('CatchUp')

const askRoute = createRoute({
  method: 'post',
  path: '/admin/catch-up',
  summary: 'Starts a backfill from Stripe now',
  responses: {
    202: json(z.object({ asked: z.boolean() }), 'Requested; GET shows when it has finished'),
    401: problem('No API key'),
  },
})

const readRoute = createRoute({
  method: 'get',
  path: '/admin/catch-up',
  summary: 'Result of the last backfill',
  responses: { 200: json(backfill, 'By kind'), 401: problem('No API key') },
})

export function addBackfillRoutes(
  app: OpenAPIHono,
  { prisma, wakeBackfill }: { prisma: Tx; wakeBackfill: () => void },
): void {
  app.openapi(askRoute, async (c) => {
    await requestBackfill(prisma)
    wakeBackfill()
    return c.json({ asked: true }, 202)
  })
  app.openapi(readRoute, async (c) => c.json(await lastBackfill(prisma), 200))
}
