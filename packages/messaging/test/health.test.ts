import { eventually, type Listener, openListener, paymentEvents } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { streamManager } from '../src/connection/streams.ts'
import { watchConsumers } from '../src/health/consumers.ts'

let listener: Listener

beforeAll(async () => {
  listener = await openListener()
}, 60_000)
afterAll(() => listener?.[Symbol.asyncDispose]())

test('a durable that is missing, and events that nobody processes, are told once that lasts', async () => {
  const { nats } = listener
  const name = 'order-billing'
  const { find } = watchConsumers({ nats, consumers: [{ name, stream: 'BILLING' }], stalledAfterMs: 500 })
  const problem = async () => {
    const found = await find()
    return typeof found === 'object' ? (found?.problem ?? null) : found
  }
  await listener.publish(paymentEvents(3))
  expect(await problem()).toBeNull()
  await eventually(async () =>
    expect(await problem()).toMatch(/^The durable consumer order-billing of BILLING has been missing/),
  )

  const { consumers } = await streamManager(nats)
  await consumers.add('BILLING', { durable_name: name, ack_policy: 'explicit' as never })
  await eventually(async () =>
    expect(await problem()).toMatch(
      /^3 of BILLING's events wait for order-billing: payment\.failed has waited for \d+ s$/,
    ),
  )
  await consumers.delete('BILLING', name)
  expect(await problem()).toBeNull()
})

test('a stream that nobody has filled yet is no reason', async () => {
  const { nats } = listener
  const consumer = { name: 'order-server', stream: 'SERVER' } as const
  const { find } = watchConsumers({ nats, consumers: [consumer], stalledAfterMs: 0 })
  expect(await find()).toBeNull()
})
