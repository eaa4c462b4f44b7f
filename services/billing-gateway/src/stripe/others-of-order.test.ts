import Stripe from 'stripe'
import { expect, test } from 'vitest'
import { listOthersOfOrder } from './others-of-order.ts'

const metadata = { order_id: '749eb9d5-e210-553d-be91-e18790207abb' }
const own = { id: 'sub_1', customer: 'cus_1', metadata } as unknown as Stripe.Subscription

function refusing(error: Error): Stripe {
  const list = () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) })
  return { subscriptions: { list } } as unknown as Stripe
}

test('a customer that is deleted has no other subscription: the one that was asked for is not unknown for that', async () => {
  const missing = new Stripe.errors.StripeInvalidRequestError({
    ...{ type: 'invalid_request_error', code: 'resource_missing', message: 'No such customer: cus_1' },
  })
  expect(await listOthersOfOrder(refusing(missing), own)).toEqual([])
})

test('what Stripe does not answer is not taken for none', async () => {
  const away = new Stripe.errors.StripeConnectionError({ type: 'api_error', message: 'no connection' })
  await expect(listOthersOfOrder(refusing(away), own)).rejects.toThrow('no connection')
})
