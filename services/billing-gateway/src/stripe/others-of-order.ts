import type Stripe from 'stripe'
import { all } from './complete-lists.ts'
import { isMissing } from './errors.ts'
import { orderFieldsOf } from './parse/metadata.ts'

const pageSize = 100

/**
 * Subscriptions of the same customer that name the same order and have not ended: one may have replaced this one, and its events
 * be lost. Source: docs.stripe.com/api/subscriptions/list (ended ones are left out unless a status is asked for).
 */
export async function listOthersOfOrder(
  stripe: Stripe,
  { id, customer, metadata }: Stripe.Subscription,
): Promise<Stripe.Subscription[]> {
  const { order_id } = orderFieldsOf(metadata)
  if (order_id === null) return []
  const customerId = typeof customer === 'string' ? customer : customer.id
  // Deleting a customer cancels its subscriptions: none goes on, and the one that was asked for is not unknown for that.
  const listed = await all(stripe.subscriptions.list({ customer: customerId, limit: pageSize })).catch(
    (error) => {
      if (isMissing(error)) return []
      throw error
    },
  )
  return listed.filter((other) => other.id !== id && orderFieldsOf(other.metadata).order_id === order_id)
}
