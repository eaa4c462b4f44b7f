export { type Customer, customerSchema, forgottenCustomer } from './customer.ts'
export {
  durables,
  type EventDefinition,
  type NatsUser,
  natsUsers,
  type ServiceName,
  type StreamName,
  services,
  streamConsumers,
  streamOwners,
  streams,
} from './define-event.ts'
export { type Discrepancy, discrepancyKinds, discrepancySchema, discrepancyStates } from './discrepancy.ts'
export { type Drift, driftKinds, driftSchema, driftStates } from './drift.ts'
export { emailSchema } from './email.ts'
export { type Envelope, envelopeSchema } from './envelope.ts'
export {
  type AnyEvent,
  type EventData,
  type EventType,
  events,
  type ReadProblem,
  readEvent,
} from './events.ts'
export * from './former-names.ts'
export { type Money, moneySchema } from './money.ts'
export {
  isNatsUser,
  type NatsPermissions,
  natsPermissions,
  replySubject,
} from './nats-permissions.ts'
export {
  billingStatuses,
  type Charge,
  desiredStates,
  type OrderState,
  orderSchema,
  orderStatuses,
} from './order.ts'
export {
  type BillingFinding,
  billingFindingKinds,
  confirmedKinds,
  type Delivery,
  deliverySchema,
  type OrderMoney,
  type OrderWarning,
  orderMoneySchema,
  type PaymentState,
  type RefundRequest,
  refundRequestSchema,
} from './order-money.ts'
export {
  disputeStatuses,
  type InvoiceLine,
  invoiceStatuses,
  type Payment,
  paymentSchema,
  paymentStatuses,
} from './payment.ts'
export { type Availability, availability } from './rpc/availability.ts'
export { type CheckedChange, checkChange } from './rpc/check-change.ts'
export { type CheckedOrder, type CheckOrder, checkOrder } from './rpc/check-order.ts'
export { checkRegion } from './rpc/check-region.ts'
export { type Checkout, type CreateCheckout, createCheckout } from './rpc/create-checkout.ts'
export { type ExpireCheckout, type ExpiredCheckout, expireCheckout } from './rpc/expire-checkout.ts'
export { provisioningQueue, type QueuedOrder } from './rpc/queue.ts'
export { type RepublishRequest, recheckServers, republishBilling, republishServers } from './rpc/republish.ts'
export { type Reserve, reserve } from './rpc/reserve.ts'
export { rpcs } from './rpc/rpcs.ts'
export { billingStatement, type ServerStatement, serverStatement } from './rpc/statement.ts'
export {
  type AdoptSubscription,
  adoptSubscription,
  type ChangeSubscription,
  changeSubscription,
  readBilling,
  readSubscription,
} from './rpc/subscription.ts'
export { type ServerState, serverSchema, serverStatuses } from './server.ts'
export {
  pauseBehaviors,
  type Subscription,
  type SubscriptionItem,
  subscriptionSchema,
  subscriptionStatuses,
} from './subscription.ts'
