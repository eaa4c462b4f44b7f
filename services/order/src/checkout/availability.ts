import { z } from '@hono/zod-openapi'
import { type Availability, availability } from '@spawnpoint/contracts'
import { ask } from '@spawnpoint/messaging'
import type { PrismaClient } from '../generated/client.ts'
import { type AskContext, capacityUnknown, isSilence } from '../peers/provisioner.ts'
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
        /** Why there is no place. */
        reason: z.string().nullable(),
      }),
    ),
  })
  .openapi('Availability')

type Context = AskContext & { prisma: PrismaClient; keepMs: number }
type Wanted = { plan?: string | undefined; region?: string | undefined }

/** What can be sold now, and where: an answer of a few seconds ago at most. */
export function showAvailability({ prisma, nats, answerWithinMs, keepMs }: Context) {
  let kept: { key: string; until: number; places: Promise<Availability[]> } | undefined

  return async ({ plan, region }: Wanted): Promise<z.infer<typeof availabilitySchema>> => {
    const catalogue = await readCatalogue(prisma)
    if (plan !== undefined) requirePlan(catalogue, plan)
    if (region !== undefined) requireRegion(catalogue, region)
    const places = await readPlaces([...catalogue.plans.keys()], [...catalogue.regions])
    const wanted = places.filter(
      (place) => (plan ?? place.plan) === place.plan && (region ?? place.region) === place.region,
    )
    return { data: wanted.map((place) => ({ ...place, available: place.more > 0 })) }
  }

  function readPlaces(plans: string[], regions: string[]): Promise<Availability[]> {
    const key = JSON.stringify([plans, regions])
    if (kept?.key === key && kept.until > Date.now()) return kept.places
    const places = askFor(plans, regions)
    kept = { key, until: Date.now() + keepMs, places }
    places.catch(() => {
      kept = undefined
    })
    return places
  }

  async function askFor(plans: string[], regions: string[]): Promise<Availability[]> {
    try {
      const request = { plans, regions }
      return (await ask({ nats, contract: availability, request, timeoutMs: answerWithinMs })).places
    } catch (error) {
      if (isSilence(error)) throw capacityUnknown()
      throw error
    }
  }
}
