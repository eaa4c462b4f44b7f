import { expect, test } from 'vitest'
import { z } from 'zod'
import { clientOf, oneServer, startSeller } from './seller.ts'

test('a rate limit answers 429 as often as configured', async () => {
  await using seller = await startSeller()
  const { stripe, simulator } = seller
  const id = simulator.addApiFault({
    when: { path: '^/v1/events', times: 2 },
    do: { kind: 'status', status: 429 },
  })
  const limited = { type: 'StripeRateLimitError', statusCode: 429 }
  await expect(stripe.events.list()).rejects.toMatchObject(limited)
  await stripe.charges.list()
  await expect(stripe.events.list()).rejects.toMatchObject(limited)
  await stripe.events.list()
  expect(simulator.state().faults).toMatchObject([{ id, fired: 2, removed: false }])
})

test('a call that hangs may have been carried out, or not', async () => {
  await using seller = await startSeller()
  const { simulator } = seller
  const impatient = clientOf(simulator, { timeout: 600 })
  const sessions = async () => (await impatient.checkout.sessions.list()).data.length

  simulator.addApiFault({ when: { times: 1 }, do: { kind: 'hang' } })
  await expect(impatient.checkout.sessions.create(oneServer)).rejects.toThrow('timeout')
  expect(await sessions()).toBe(0)

  simulator.addApiFault({ when: { times: 1 }, do: { kind: 'hang', work: true } })
  await expect(impatient.checkout.sessions.create(oneServer)).rejects.toThrow('timeout')
  expect(await sessions()).toBe(1)
})

test('a refused connection executes nothing', async () => {
  await using seller = await startSeller()
  const { stripe, simulator } = seller
  // Twice: the real client tries a closed connection again by itself.
  simulator.addApiFault({ when: { method: 'post', times: 2 }, do: { kind: 'refused' } })
  await expect(stripe.checkout.sessions.create(oneServer)).rejects.toMatchObject({
    type: 'StripeConnectionError',
  })
  expect((await stripe.checkout.sessions.list()).data).toEqual([])
})

test('a fault fires with its chance', async () => {
  let dice = 0
  await using seller = await startSeller({ random: () => (dice++ % 2 === 0 ? 0.9 : 0.1) })
  seller.simulator.addApiFault({ when: { chance: 0.5 }, do: { kind: 'status', status: 503 } })
  const outcomes: string[] = []
  for (let n = 0; n < 4; n++)
    outcomes.push(
      await seller.stripe.events.list().then(
        () => 'ok',
        () => 'failed',
      ),
    )
  expect(outcomes).toEqual(['ok', 'failed', 'ok', 'failed'])
})

test('every fault and control is available over HTTP', async () => {
  await using seller = await startSeller()
  const { stripe, simulator } = seller
  const callControl = async (method: string, path: string, body?: object) => {
    const init = body ? { method, body: JSON.stringify(body) } : { method }
    const response = await fetch(`${simulator.url}/_simulator${path}`, init)
    return { status: response.status, body: await response.json() }
  }

  const added = await callControl('POST', '/faults', {
    when: { method: 'GET' },
    do: { kind: 'status', status: 500 },
  })
  const fault = z.object({ id: z.string() }).parse(added.body)
  await expect(stripe.events.list()).rejects.toMatchObject({ statusCode: 500 })
  expect((await callControl('DELETE', `/faults/${fault.id}`)).body).toEqual({ removed: 1 })
  await stripe.events.list()
  expect((await callControl('POST', '/faults', { do: { kind: 'drop' } })).status).toBe(201)
  expect((await callControl('POST', '/faults', { do: { kind: 'explode' } })).status).toBe(400)
  expect((await callControl('DELETE', '/faults')).body).toEqual({ removed: 1 })

  const { id } = await stripe.checkout.sessions.create(oneServer)
  await fetch(`${simulator.url}/pay/${id}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify({ outcome: 'async' }),
  })
  expect((await callControl('POST', `/sessions/${id}/settle`, { outcome: 'succeeded' })).body).toMatchObject({
    session: { payment_status: 'paid' },
  })
  expect((await callControl('POST', '/sessions/cs_no/settle', { outcome: 'succeeded' })).status).toBe(404)

  const { body: state } = await callControl('GET', '/state')
  expect(state).toMatchObject({
    objects: { sessions: 1, charges: 1 },
    calls: { 'GET /v1/events': 2, 'POST /v1/checkout/sessions': 1 },
    faults: [
      { fired: 1, removed: true },
      { fired: 0, removed: true },
    ],
    webhooks: [{ payload: 'snapshot' }],
  })
  expect((await callControl('GET', '/deliveries')).body).toHaveProperty('deliveries.0.event')
})
