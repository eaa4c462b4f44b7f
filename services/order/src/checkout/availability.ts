import { z } from '@hono/zod-openapi'
import { type Availability, availability } from '@spawnpoint/contracts'
import { ask } from '@spawnpoint/messaging'
import type { PrismaClient } from '../generated/client.ts'
import { type AskContext, capacityUnknown, isUnanswered } from '../peers/provisioner.ts'
import { readCatalogue } from '../store/catalogue.ts'
import { requirePlan, requireRegion } from './validate-order.ts'

export const availabilitySchema = z
  .object({
    data: z.array(
      z.object({
        plan: z.string(),
        region: z.string(),
        available: z.boolean(),
        /** How many more fit now, each plan as if only it were sold; 1000 at most are counted. */
        more: z.number().int(),
        /** Why none fits. */
        reason: z.string().nullable(),
      }),
    ),
  })
  .openapi('Availability')

type Context = AskContext & { prisma: PrismaClient; cacheMs: number }
type Wanted = { plan?: string | undefined; region?: string | undefined }

/** What can be sold now, and where; cached for a few seconds. */
export function showAvailability({ prisma, nats, answerWithinMs, cacheMs }: Context) {
  let cached: { key: string; until: number; availability: Promise<Availability[]> } | undefined

  return async ({ plan, region }: Wanted): Promise<z.infer<typeof availabilitySchema>> => {
    const catalogue = await readCatalogue(prisma)
    if (plan !== undefined) requirePlan(catalogue, plan)
    if (region !== undefined) requireRegion(catalogue, region)
    const all = await readAvailability([...catalogue.plans.keys()], [...catalogue.regions])
    const wanted = all.filter(
      (one) => (plan ?? one.plan) === one.plan && (region ?? one.region) === one.region,
    )
    return { data: wanted.map((one) => ({ ...one, available: one.more > 0 })) }
  }

  function readAvailability(plans: string[], regions: string[]): Promise<Availability[]> {
    const key = JSON.stringify([plans, regions])
    if (cached?.key === key && cached.until > Date.now()) return cached.availability
    const fresh = request(plans, regions)
    cached = { key, until: Date.now() + cacheMs, availability: fresh }
    fresh.catch(() => {
      cached = undefined
    })
    return fresh
  }

  async function request(plans: string[], regions: string[]): Promise<Availability[]> {
    try {
      const wanted = { plans, regions }
      return (await ask({ nats, contract: availability, request: wanted, timeoutMs: answerWithinMs })).places
    } catch (error) {
      if (isUnanswered(error)) throw capacityUnknown()
      throw error
    }
  }
}
