import { againAfterRaces } from '@spawnpoint/database'
import { newEvent } from '@spawnpoint/messaging'
import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { payment } from './fixtures.ts'
import { openShop, type Shop } from './open-shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
}, 60_000)
afterAll(() => shop?.[Symbol.asyncDispose]())

const read = async (path: string) => (await shop.send('GET', path)).json()
const redrive = async (id: string) =>
  (await shop.send('POST', '/admin/dead-letters/redrive', { ids: [id] })).json()

test('a payment that was given up becomes an order when its dead letter is driven again', async () => {
  const event = saying('cs_dead')
  const [consumer, at] = ['order-billing', new Date()]
  await againAfterRaces(() =>
    shop.prisma.inbox.create({
      data: { eventId: event.id, consumer, batchId: '', type: event.type, receivedAt: at, outcome: 'dead' },
    }),
  )
  await againAfterRaces(() =>
    shop.prisma.deadLetter.create({
      data: {
        eventId: event.id,
        consumer,
        class: 'failed_too_often',
        firstError: 'a bug that is mended',
        lastError: 'a bug that is mended',
        subject: event.type,
        envelope: JSON.stringify(event),
        createdAt: at,
      },
    }),
  )
  expect(await read('/admin/dead-letters?type=payment.succeeded')).toMatchObject({
    data: [{ id: event.id, attempts: 1, created_at: at.toISOString(), resolved_at: null }],
  })
  expect(await redrive(event.id)).toMatchObject({ results: [{ outcome: 'done' }] })
  expect(await shop.orderPaidBy('cs_dead')).toMatchObject({ status: 'paid' })
  expect(await read('/admin/dead-letters?state=resolved')).toMatchObject({
    data: [{ id: event.id, attempts: 2, resolved_by: 'shop', note: 'Driven again: done' }],
  })
})

test('an event newer than this service is kept as a dead letter until somebody resolves it', async () => {
  const event = { ...saying('cs_newer'), dataversion: 99 }
  await shop.publishBilling(event)
  await eventually(async () =>
    expect(await read('/admin/dead-letters?class=unsupported_version')).toMatchObject({
      data: [{ id: event.id }],
    }),
  )
  expect(await read('/health')).toMatchObject({ dead_letters_open: 1 })
  expect(await redrive(event.id)).toMatchObject({
    results: [{ outcome: 'unreadable', detail: expect.stringContaining('update this service') }],
  })
  const resolved = await shop.send('POST', '/admin/dead-letters/resolve', {
    filter: { class: 'unsupported_version' },
    note: 'Refunded by hand',
  })
  expect(await resolved.json()).toEqual({ resolved: 1 })
  await eventually(async () => expect(await read('/health')).toMatchObject({ dead_letters_open: 0 }))
})

function saying(paymentId: string) {
  return newEvent({
    source: 'test',
    cause: paymentId,
    type: 'payment.succeeded',
    subject: paymentId,
    version: 1,
    data: payment({ payment_id: paymentId, plan: 'small', region: 'eu' }),
    time: new Date(),
  })
}
