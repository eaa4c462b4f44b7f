import type { Payment } from '@spawnpoint/contracts'
import { type Decision, ignored, type Rules } from '../order/decision.ts'
import { applyPayment, heldOrder } from './apply-payment.ts'
import { obstacleOf, orderFromPayment } from './order-from-payment.ts'

/** The order that a payment begins when none waited for it: a Payment Link, or a checkout of the seller's own. */
export function beginOrder(id: string, payment: Payment, rules: Rules): Decision {
  if (payment.status !== 'succeeded') return ignored('no_order_began')
  const order = orderFromPayment(id, payment, rules.catalogue)
  const obstacle = obstacleOf(order, payment, rules.catalogue)
  return obstacle === null
    ? applyPayment(order, payment, rules)
    : heldOrder(order, payment, `${obstacle}: held`, rules)
}
