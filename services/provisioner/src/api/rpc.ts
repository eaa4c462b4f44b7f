import { availability, checkChange, checkOrder, reserve } from '@spawnpoint/contracts'
import { answerRequests, type Nats } from '@spawnpoint/messaging'
import { countPlaces } from '../capacity/availability.ts'
import { reservePlace } from '../capacity/reserve-for-order.ts'
import { createCheckOrder } from '../checks/check-order.ts'
import { createCheckChange } from '../checks/check-plan-change.ts'
import type { Shared } from '../shared-parts.ts'

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
