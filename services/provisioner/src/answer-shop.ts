import { availability, checkChange, checkOrder, reserve } from '@spawnpoint/contracts'
import { answerRequests, type Nats } from '@spawnpoint/messaging'
import { createCheckOrder } from './check/check-order.ts'
import { createCheckChange } from './placement/check-change.ts'
import { countPlaces } from './placement/count-places.ts'
import { reservePlace } from './placement/reserve-place.ts'
import type { Shared } from './shared-parts.ts'

/** What the order service asks before anything is sold. */
export function answerShop(shared: Shared, nats: Nats): { stop(): Promise<void> } {
  const { log } = shared
  const answering = [
    answerRequests({ nats, contract: checkOrder, handle: createCheckOrder(shared), log }),
    answerRequests({ nats, contract: checkChange, handle: createCheckChange(shared), log }),
    answerRequests({ nats, contract: reserve, handle: reservePlace(shared), log }),
    answerRequests({ nats, contract: availability, handle: countPlaces(shared), log }),
  ]
  return {
    stop: async () => void (await Promise.all(answering.map((answers) => answers.stop()))),
  }
}
