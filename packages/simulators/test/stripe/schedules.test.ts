import { expect, test } from 'vitest'
import { startSeller } from './seller.ts'
import { allEvents, priceOf, subscribe, typesOf } from './subscriber.ts'

const start = Date.parse('2026-04-01T00:00:00Z')

test('a downgrade waits for the end of the period, and then the renewal asks for the smaller price', async () => {
  await using seller = await startSeller({ now: () => start })
  const { stripe, simulator } = seller
  const { id, subscription } = await subscribe(seller, { amount: 3000 })
  const [item] = subscription.items.data
  const small = await priceOf(stripe, { amount: 900 })

  const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id })
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ schedule: schedule.id })
  const [current] = schedule.phases
  await stripe.subscriptionSchedules.update(schedule.id, {
    end_behavior: 'release',
    phases: [
      {
        items: [{ price: String(item?.price.id), quantity: 1 }],
        start_date: Number(current?.start_date),
        end_date: Number(current?.end_date),
      },
      { items: [{ price: small.id, quantity: 1 }], duration: { interval: 'month' } },
    ],
  })
  await expect(stripe.subscriptions.update(id, { cancel_at_period_end: true })).rejects.toThrow('schedule')

  const { events } = await simulator.moveClock({ to: '2026-05-02T00:00:00Z' })
  expect(typesOf(events)).toContain('subscription_schedule.updated')
  const invoices = (await stripe.invoices.list({ subscription: id })).data
  expect(invoices.map(({ total }) => total)).toEqual([900, 3000])
  expect((await stripe.subscriptions.retrieve(id)).items.data).toMatchObject([
    { id: item?.id, price: { id: small.id }, current_period_end: Date.parse('2026-06-01T00:00:00Z') / 1000 },
  ])

  await simulator.moveClock({ to: '2026-06-02T00:00:00Z' })
  expect(await stripe.subscriptionSchedules.retrieve(schedule.id)).toMatchObject({
    status: 'released',
    released_subscription: id,
  })
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ schedule: null, status: 'active' })
})

test('a released schedule changes nothing any more', async () => {
  await using seller = await startSeller({ now: () => start })
  const { stripe, simulator } = seller
  const { id } = await subscribe(seller, { amount: 3000 })
  const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id })
  await expect(stripe.subscriptionSchedules.create({ from_subscription: id })).rejects.toThrow(
    'already attached',
  )
  await stripe.subscriptionSchedules.release(schedule.id)
  await expect(stripe.subscriptionSchedules.release(schedule.id)).rejects.toThrow('released')
  await simulator.moveClock({ to: '2026-05-02T00:00:00Z' })
  expect((await stripe.invoices.list({ subscription: id })).data.map(({ total }) => total)).toEqual([
    3000, 3000,
  ])
  expect(typesOf(await allEvents(stripe))).not.toContain('subscription_schedule.completed')
})

test('a schedule that cancels at its end ends the subscription', async () => {
  await using seller = await startSeller({ now: () => start })
  const { stripe, simulator } = seller
  const { id } = await subscribe(seller)
  const schedule = await stripe.subscriptionSchedules.create({ from_subscription: id })
  await stripe.subscriptionSchedules.update(schedule.id, { end_behavior: 'cancel' })
  const { events } = await simulator.moveClock({ to: '2026-05-02T00:00:00Z' })
  expect(typesOf(events)).toEqual([
    'invoice.upcoming',
    'subscription_schedule.completed',
    'customer.subscription.deleted',
  ])
  expect(await stripe.subscriptions.retrieve(id)).toMatchObject({ status: 'canceled' })
})
