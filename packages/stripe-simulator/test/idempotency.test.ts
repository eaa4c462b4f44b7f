import { expect, test } from 'vitest'
import { clientOf, oneServer, startSeller } from './seller.ts'

const key = { idempotencyKey: 'order-1:checkout' }

test('the same key and parameters give the first answer again and do nothing twice', async () => {
  await using seller = await startSeller()
  const first = await seller.stripe.checkout.sessions.create(oneServer, key)
  const second = await seller.stripe.checkout.sessions.create(oneServer, key)

  expect(second).toEqual(first)
  expect(second.lastResponse.headers).toMatchObject({
    'idempotent-replayed': 'true',
    'original-request': first.lastResponse.requestId,
  })
  expect(first.lastResponse.headers).not.toHaveProperty('idempotent-replayed')
  expect((await seller.stripe.checkout.sessions.list()).data).toHaveLength(1)
})

test('the same key with other parameters, or at another address, is an error', async () => {
  await using seller = await startSeller()
  await seller.stripe.checkout.sessions.create(oneServer, key)
  const refused = { type: 'StripeIdempotencyError', rawType: 'idempotency_error', statusCode: 400 }
  await expect(
    seller.stripe.checkout.sessions.create({ ...oneServer, client_reference_id: 'order-2' }, key),
  ).rejects.toMatchObject(refused)
  await expect(seller.stripe.customers.create({ email: 'a@example.com' }, key)).rejects.toMatchObject(refused)
})

test('the same key while the first call is still running is a conflict, and the real client waits it out', async () => {
  await using seller = await startSeller()
  seller.simulator.addApiFault({ when: { method: 'POST', times: 1 }, do: { kind: 'slow', ms: 300 } })
  const slow = seller.stripe.checkout.sessions.create(oneServer, key)
  await untilCalled(seller)

  await expect(seller.stripe.checkout.sessions.create(oneServer, key)).rejects.toMatchObject({
    statusCode: 409,
    code: 'idempotency_key_in_use',
  })
  const patient = clientOf(seller.simulator, { maxNetworkRetries: 2 })
  expect((await patient.checkout.sessions.create(oneServer, key)).id).toBe((await slow).id)
})

test('a 500 is remembered by its key: retrying it in vain gives the same 500, a new key works', async () => {
  await using seller = await startSeller()
  seller.simulator.addApiFault({ when: { times: 1 }, do: { kind: 'status', status: 500 } })
  await expect(seller.stripe.checkout.sessions.create(oneServer, key)).rejects.toMatchObject({
    statusCode: 500,
  })
  await expect(seller.stripe.checkout.sessions.create(oneServer, key)).rejects.toMatchObject({
    statusCode: 500,
    headers: { 'idempotent-replayed': 'true' },
  })
  await seller.stripe.checkout.sessions.create(oneServer, { idempotencyKey: 'order-1:checkout:2' })
})

test.each([429, 503])('a %i never began, so its key is free', async (status) => {
  await using seller = await startSeller()
  seller.simulator.addApiFault({ when: { times: 1 }, do: { kind: 'status', status } })
  await expect(seller.stripe.checkout.sessions.create(oneServer, key)).rejects.toMatchObject({
    statusCode: status,
  })
  await seller.stripe.checkout.sessions.create(oneServer, key)
})

test('a call whose response was lost is found again by its key', async () => {
  await using seller = await startSeller()
  seller.simulator.addApiFault({ when: { method: 'POST', times: 1 }, do: { kind: 'lost-response' } })

  // A closed connection is retried by the real client even with no retries asked for.
  const session = await seller.stripe.checkout.sessions.create(oneServer, key)

  expect(session.lastResponse.headers).toHaveProperty('idempotent-replayed', 'true')
  expect((await seller.stripe.checkout.sessions.list()).data.map(({ id }) => id)).toEqual([session.id])
})

test('keys are forgotten after a day', async () => {
  await using seller = await startSeller()
  const first = await seller.stripe.checkout.sessions.create(oneServer, key)
  seller.simulator.advanceClock(24 * 3_600_000)
  expect((await seller.stripe.checkout.sessions.create(oneServer, key)).id).not.toBe(first.id)
})

async function untilCalled({ simulator }: Awaited<ReturnType<typeof startSeller>>) {
  while (!simulator.state().faults.some(({ fired }) => fired > 0)) await new Promise(setImmediate)
}
