import { availability, checkChange, checkOrder, reserve } from '@spawnpoint/contracts'
import { answerRequests, type Nats } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import { countPlaces } from '../capacity/availability.ts'
import { reservePlace } from '../capacity/reserve-for-order.ts'
import { createCheckOrder } from '../checks/check-order.ts'
import { createCheckChange } from '../checks/check-plan-change.ts'

type Deps = Parameters<typeof reservePlace>[0] & { log: Logger }

/** What the order service asks before anything is sold. */
export function answerShop(deps: Deps, nats: Nats): { stop(): Promise<void> } {
  const { log } = deps
  const answering = [
    answerRequests({ nats, contract: checkOrder, handle: createCheckOrder(deps), log }),
    answerRequests({ nats, contract: checkChange, handle: createCheckChange(deps), log }),
    answerRequests({ nats, contract: reserve, handle: reservePlace(deps), log }),
    answerRequests({ nats, contract: availability, handle: countPlaces(deps), log }),
  ]
  return {
    stop: async () => void (await Promise.all(answering.map((answers) => answers.stop()))),
  }
}
