import type { ServiceName } from '../define-event.ts'
import { availability } from './availability.ts'
import { checkChange } from './check-change.ts'
import { checkOrder } from './check-order.ts'
import { checkRegion } from './check-region.ts'
import { createCheckout } from './create-checkout.ts'
import { expireCheckout } from './expire-checkout.ts'
import { provisioningQueue } from './queue.ts'
import { recheckServers, republishBilling, republishServers } from './republish.ts'
import { reserve } from './reserve.ts'
import { billingStatement, serverStatement } from './statement.ts'
import { adoptSubscription, changeSubscription, readBilling, readSubscription } from './subscription.ts'

type Rpc = {
  contract: { subject: string; formerly?: string }
  answeredBy: ServiceName
  calledBy: readonly ServiceName[]
}

/** Every RPC there is, who answers it and who may call it. `readSubscription` is answered for tools of the seller's own. */
export const rpcs: readonly Rpc[] = [
  ...[
    createCheckout,
    expireCheckout,
    readBilling,
    adoptSubscription,
    changeSubscription,
    billingStatement,
    republishBilling,
  ].map((contract): Rpc => ({ contract, answeredBy: 'billing-gateway', calledBy: ['order'] })),
  { contract: readSubscription, answeredBy: 'billing-gateway', calledBy: [] },
  ...[
    checkOrder,
    checkChange,
    checkRegion,
    reserve,
    availability,
    provisioningQueue,
    serverStatement,
    republishServers,
    recheckServers,
  ].map((contract): Rpc => ({ contract, answeredBy: 'provisioner', calledBy: ['order'] })),
]
