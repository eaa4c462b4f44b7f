import { isDeepStrictEqual } from 'node:util'
import {
  type BillingFinding,
  billingFindingKinds,
  type Discrepancy,
  type Money,
  type OrderState,
  type Payment,
  type PaymentState,
  type ServerStatement,
  type Subscription,
} from '@spawnpoint/contracts'

/** A discrepancy as it was found. */
export type Found = Pick<
  Discrepancy,
  'kind' | 'order_id' | 'payment_id' | 'finding' | 'repair' | 'confirmation'
>

const ofServers: readonly Discrepancy['kind'][] = [
  'order_not_heard',
  'server_not_heard',
  'paid_without_server',
  'server_without_payment',
  ...billingFindingKinds,
]

/** Whether it is the order that was held against its server, and not against its money. */
export function isOfServer(kind: Discrepancy['kind']): boolean {
  return ofServers.includes(kind)
}

/** Whether it was found in what an order knows of its money. */
export function isOfMoney(kind: Discrepancy['kind']): boolean {
  return billingFindingKinds.some((one) => one === kind)
}

/** What was compared: an order, or what was paid. It tells discrepancies of one kind apart. */
export function subjectOf({ kind, order_id, payment_id }: Pick<Found, 'kind' | 'order_id' | 'payment_id'>) {
  return (isOfServer(kind) ? order_id : payment_id) ?? ''
}

export type KnownOrder = OrderState & { server_version: number; findings: BillingFinding[] }

/** What one payment, as the gateway knows it, and the order that it is of do not agree in. */
export function comparePayment(payment: Payment, orderId: string, order: KnownOrder | null): Found[] {
  const about = { order_id: orderId, payment_id: payment.payment_id }
  const isMoney = payment.status === 'succeeded' && !isAllBack(payment)
  if (!order)
    return isMoney
      ? [
          again(
            'payment_without_order',
            about,
            `${inWords(payment.paid)} came in by ${payment.payment_id} for an order that is not there.`,
          ),
        ]
      : []
  if (isMoney && isForNobody(payment, order)) return [paidTwice(payment, about)]
  const known = order.money?.payments.find(({ payment_id }) => payment_id === payment.payment_id)
  if (known && isNewer(known, payment))
    return [
      again(
        'payment_not_heard',
        about,
        `The order knows version ${known.version} of ${payment.payment_id}, which is at ${payment.version}.`,
      ),
    ]
  if (!known && isMoney && !isDropped(payment, order))
    return [
      again(
        'payment_not_heard',
        about,
        `The order knows nothing of ${inWords(payment.paid)} that came in by ${payment.payment_id}.`,
      ),
    ]
  return amountDiffers(payment, order) ? [otherAmount(payment, order, about)] : []
}

export function compareSubscription(
  subscription: Subscription,
  orderId: string,
  order: KnownOrder | null,
): Found[] {
  const { subscription_id: id, version, status } = subscription
  const known = order?.money?.subscription
  if (!order || (known && known.subscription_id !== id)) return []
  if (known && known.version >= version) return []
  const about = { order_id: orderId, payment_id: id }
  const finding = `The order ${known ? `has ${id} as ${known.status}` : `knows nothing of ${id}`}, which is ${status}.`
  return [again('subscription_not_heard', about, finding)]
}

/** What is wanted of an order's server, and where the provisioner has it. */
export function compareServer(order: KnownOrder, server: ServerStatement | null): Found[] {
  const about = { order_id: order.order_id, payment_id: order.payment_id }
  const isWanted = order.desired === 'running' || order.desired === 'suspended'
  if (!server)
    return isWanted
      ? [again('order_not_heard', about, 'The provisioner has heard nothing of this order.')]
      : []
  if (server.order_version < order.version && server.desired !== order.desired)
    return [
      again(
        'order_not_heard',
        about,
        `The provisioner has version ${server.order_version} of this order, which is at ${order.version}.`,
      ),
    ]
  if (server.version > order.server_version)
    return [
      again(
        'server_not_heard',
        about,
        `The order knows version ${order.server_version} of its server, which is at ${server.version}: ${server.status}.`,
      ),
    ]
  if (order.desired === 'running' && (server.is_gone || isNotThere(server)))
    return [withoutServer(order, server, about)]
  return !isWanted && isThere(server) ? [withoutPayment(order, server, about)] : []
}

/** What a person has to confirm before so much is refunded. */
export function refundWords(amount: Money, orderId: string): string {
  return `refund ${inWords(amount)} of order ${orderId}`
}

type About = Pick<Found, 'order_id' | 'payment_id'>

const republished = 'Publishes the event again.'

function again(kind: Discrepancy['kind'], about: About, finding: string): Found {
  return { ...about, kind, finding, repair: republished, confirmation: null }
}

function paidTwice(payment: Payment, about: About): Found {
  const amount = leftOf(payment)
  return {
    ...about,
    kind: 'paid_twice',
    finding: `${payment.payment_id} paid ${inWords(payment.paid)} for an order that another payment had paid.`,
    repair: `Pays ${inWords(amount)} of ${payment.payment_id} back.`,
    confirmation: refundWords(amount, about.order_id ?? ''),
  }
}

function otherAmount({ payment_id, paid }: Payment, order: KnownOrder, about: About): Found {
  const known = order.charge ? inWords(order.charge.paid) : 'nothing'
  return {
    ...about,
    kind: 'amount_differs',
    finding: `The order goes by ${known}, and ${payment_id} paid ${inWords(paid)}.`,
    repair: 'Takes what was really paid, and decides the order again.',
    confirmation: null,
  }
}

function withoutServer(order: KnownOrder, server: ServerStatement, about: About): Found {
  const why = server.is_gone
    ? 'it is gone from the panel'
    : (server.error_message ?? `it is ${server.status}`)
  return {
    ...about,
    kind: 'paid_without_server',
    finding: `Order ${order.order_id} is paid and has no server: ${why}`,
    repair: 'Looks at the panel again, and makes the server where it is missing.',
    confirmation: null,
  }
}

function withoutPayment(order: KnownOrder, server: ServerStatement, about: About): Found {
  const paid = order.charge ? inWords(order.charge.paid) : 'nothing'
  return {
    ...about,
    kind: 'server_without_payment',
    finding: `Server ${server.ptero_server_id} stands for an order that is ${order.billing_status} and wants none.`,
    repair: `Deletes server ${server.ptero_server_id} on the panel, with all that is on it.`,
    confirmation: `delete the server of order ${order.order_id}, which paid ${paid}`,
  }
}

// Held orders wait with a reason that everybody sees; what waits for capacity goes on by itself.
function isNotThere({ status }: ServerStatement): boolean {
  return status === 'none' || status === 'failed' || status === 'terminated'
}

function isThere({ ptero_server_id, status }: ServerStatement): boolean {
  return ptero_server_id !== null && status !== 'terminated' && status !== 'none'
}

// A newer version with the same content is not stored.
function isNewer(known: PaymentState, payment: Payment): boolean {
  if (known.version >= payment.version) return false
  const { status, refunded = 0, refund_pending = 0, dispute = null, fraud_warning = null } = payment
  return (
    known.status !== status ||
    known.refunded !== refunded ||
    known.refund_pending !== refund_pending ||
    known.dispute !== dispute ||
    !isDeepStrictEqual(known.disputed ?? null, payment.disputed ?? null) ||
    known.fraud_warning !== fraud_warning
  )
}

// An order stores its newest periods; older ones that were never contested are dropped.
function isDropped({ kind, paid_until }: Payment, { money }: KnownOrder): boolean {
  const periods = money?.payments.flatMap((payment) => payment.paid_until ?? []) ?? []
  return kind !== 'first' && periods.length > 12 && periods.every((until) => until > (paid_until ?? ''))
}

// An order is billed by one first payment; each renewal and change of its subscription is its own.
function isForNobody(payment: Payment, order: KnownOrder): boolean {
  if (payment.kind !== 'first' || order.payment_id === null || leftOf(payment).amount <= 0) return false
  if (order.money?.former_payments?.includes(payment.payment_id)) return false
  return order.payment_id !== payment.payment_id && order.billing_status !== 'unpaid'
}

function amountDiffers({ payment_id, paid, status }: Payment, order: KnownOrder): boolean {
  const { payment_id: known, charge } = order
  if (known !== payment_id || !charge || status !== 'succeeded') return false
  return charge.paid.amount !== paid.amount || charge.paid.currency !== paid.currency
}

function isAllBack(payment: Payment): boolean {
  return (payment.collected ?? payment.paid.amount) > 0 && leftOf(payment).amount <= 0
}

/** What is left of what was charged. */
export function leftOf({ paid, collected, refunded = 0, refund_pending = 0 }: Payment): Money {
  return { ...paid, amount: (collected ?? paid.amount) - refunded - refund_pending }
}

function inWords({ amount, currency }: Money): string {
  return `${amount} ${currency} (minor units)`
}
