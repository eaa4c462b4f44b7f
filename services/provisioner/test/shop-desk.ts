import { availability, reserve } from '@spawnpoint/contracts'
import { ask, connectNats, RequestRefused } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'

const log = createLogger({ service: 'test', level: 'silent' })

export type Desk = Awaited<ReturnType<typeof openDesk>>

/** What the order service asks before it sells. */
export async function openDesk(natsUrl: string) {
  const nats = connectNats({ url: natsUrl, name: 'desk', log })
  await nats.connection()
  return {
    /** `held`, or the code of the refusal. */
    async reserve(
      order_id: string,
      { order_version = 1, forMs = 60_000, plan = 'small', region = 'eu' } = {},
    ) {
      const until = new Date(Date.now() + forMs).toISOString()
      const request = { order_id, order_version, plan, region, until }
      try {
        await ask({ nats, contract: reserve, request, timeoutMs: 10_000 })
        return 'held'
      } catch (error) {
        if (error instanceof RequestRefused) return error.code
        throw error
      }
    },
    async count(plans = ['small'], regions = ['eu']) {
      const { places } = await ask({
        nats,
        contract: availability,
        request: { plans, regions },
        timeoutMs: 10_000,
      })
      return places
    },
    [Symbol.asyncDispose]: () => nats.close(),
  }
}
