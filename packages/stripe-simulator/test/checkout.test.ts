import { expect, test } from 'vitest'
import { eventually, oneServer, payOnPage, startSeller } from './seller.ts'

test('a buyer pays on the hosted page and the shop receives a signed webhook', async () => {
  await using seller = await startSeller()
  const session = await seller.stripe.checkout.sessions.create(oneServer)
  expect(session).toMatchObject({
    status: 'open',
    payment_status: 'unpaid',
    payment_intent: null,
    livemode: false,
    amount_subtotal: 1500,
    amount_total: 1500,
    currency: 'eur',
    client_reference_id: 'order-1',
    metadata: { order_id: 'order-1' },
  })

  const page = await (await fetch(String(session.url))).text()
  expect(page).toContain('Minecraft 4 GB')
  expect(page).toContain('€15.00')

  const redirect = await payOnPage(session, 'paid')
  expect(redirect.status).toBe(303)
  expect(redirect.headers.get('location')).toBe(`https://shop.example.com/thanks?session=${session.id}`)

  const completed = await eventually(() => {
    const found = seller.receiver.received.find(({ event }) => event.type === 'checkout.session.completed')
    if (found?.event.type !== 'checkout.session.completed') throw new Error('not yet')
    return found.event
  })
  const paid = completed.data.object
  expect(paid).toMatchObject({
    id: session.id,
    status: 'complete',
    payment_status: 'paid',
    amount_total: 1500,
  })

  const intent = await seller.stripe.paymentIntents.retrieve(String(paid.payment_intent), {
    expand: ['latest_charge'],
  })
  expect(intent).toMatchObject({ amount: 1500, amount_received: 1500, status: 'succeeded', currency: 'eur' })
  expect(intent.metadata).toEqual({ order_id: 'order-1' })
  expect(intent.latest_charge).toMatchObject({
    object: 'charge',
    payment_intent: intent.id,
    amount: 1500,
    paid: true,
  })
  await eventually(() =>
    expect(seller.receiver.types().sort()).toEqual([
      'charge.succeeded',
      'checkout.session.completed',
      'payment_intent.created',
      'payment_intent.succeeded',
      'price.created',
      'product.created',
    ]),
  )
})

test('paying again changes nothing', async () => {
  await using seller = await startSeller()
  const session = await seller.stripe.checkout.sessions.create(oneServer)
  seller.simulator.pay(session.id)
  const before = seller.simulator.events().length

  const again = await payOnPage(session, 'paid', { accept: 'application/json' })

  expect(await again.json()).toMatchObject({ session: { id: session.id, status: 'complete' }, events: [] })
  expect(seller.simulator.events()).toHaveLength(before)
  expect((await seller.stripe.charges.list()).data).toHaveLength(1)
})

test('a declined card leaves the session open, and the next try takes the same payment intent', async () => {
  await using seller = await startSeller()
  const session = await seller.stripe.checkout.sessions.create(oneServer)

  const declined = await payOnPage(session, 'declined')
  expect(declined.headers.get('location')).toBe(`/pay/${session.id}?declined`)
  const open = await seller.stripe.checkout.sessions.retrieve(session.id)
  expect(open).toMatchObject({ status: 'open', payment_status: 'unpaid' })

  const { session: paid } = seller.simulator.pay(session.id)
  expect(paid.payment_intent).toBe(open.payment_intent)
  const charges = await seller.stripe.charges.list({ payment_intent: String(paid.payment_intent) })
  expect(charges.data.map(({ status }) => status)).toEqual(['succeeded', 'failed'])
})

test('cancel goes back to the shop and leaves the session open', async () => {
  await using seller = await startSeller()
  const session = await seller.stripe.checkout.sessions.create(oneServer)
  const back = await payOnPage(session, 'cancel')
  expect(back.headers.get('location')).toBe('https://shop.example.com/cart')
  expect((await seller.stripe.checkout.sessions.retrieve(session.id)).status).toBe('open')
})

test.each([
  ['succeeded', 'checkout.session.async_payment_succeeded', 'paid', 'succeeded'],
  ['failed', 'checkout.session.async_payment_failed', 'unpaid', 'requires_payment_method'],
] as const)(
  'a bank debit completes unpaid, and later it %s',
  async (outcome, type, paymentStatus, intentStatus) => {
    await using seller = await startSeller()
    const { id } = await seller.stripe.checkout.sessions.create(oneServer)

    const { session } = seller.simulator.pay(id, 'async')
    expect(session).toMatchObject({ status: 'complete', payment_status: 'unpaid' })
    const intent = String(session.payment_intent)
    expect((await seller.stripe.paymentIntents.retrieve(intent)).status).toBe('processing')

    seller.simulator.settle(id, outcome)
    await eventually(() => expect(seller.receiver.types()).toContain(type))
    expect((await seller.stripe.checkout.sessions.retrieve(id)).payment_status).toBe(paymentStatus)
    expect((await seller.stripe.paymentIntents.retrieve(intent)).status).toBe(intentStatus)
    expect(() => seller.simulator.settle(id, outcome)).toThrow('not waiting for a bank')
  },
)

test('a session of zero needs no payment', async () => {
  await using seller = await startSeller()
  const { id } = await seller.stripe.checkout.sessions.create({
    ...oneServer,
    line_items: [{ price_data: { currency: 'eur', unit_amount: 0, product_data: { name: 'Trial' } } }],
  })
  const { session } = seller.simulator.pay(id)
  expect(session).toMatchObject({
    status: 'complete',
    payment_status: 'no_payment_required',
    payment_intent: null,
  })
  expect((await seller.stripe.paymentIntents.list()).data).toEqual([])
})

test('a session expires at its time and cannot be paid after that', async () => {
  await using seller = await startSeller()
  const session = await seller.stripe.checkout.sessions.create({
    ...oneServer,
    expires_at: Math.floor(Date.now() / 1000) + 1900,
  })
  seller.simulator.advanceClock(1_901_000)

  await eventually(() => expect(seller.receiver.types()).toContain('checkout.session.expired'))
  expect(await seller.stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
    status: 'expired',
    url: null,
  })
  expect((await payOnPage(session, 'paid')).status).toBe(400)
  expect(seller.receiver.types()).not.toContain('checkout.session.completed')
})

test('the shop can expire an open session, but not a paid one', async () => {
  await using seller = await startSeller()
  const open = await seller.stripe.checkout.sessions.create(oneServer)
  expect((await seller.stripe.checkout.sessions.expire(open.id)).status).toBe('expired')

  const paid = await seller.stripe.checkout.sessions.create(oneServer)
  seller.simulator.pay(paid.id)
  await expect(seller.stripe.checkout.sessions.expire(paid.id)).rejects.toMatchObject({ statusCode: 400 })
})

test('the page shows the state of the session, and a product’s name as text', async () => {
  await using seller = await startSeller()
  const [line] = oneServer.line_items
  const session = await seller.stripe.checkout.sessions.create({
    ...oneServer,
    line_items: [
      {
        quantity: 1,
        price_data: { currency: 'jpy', unit_amount: 1200, product_data: { name: '<b>Ark</b>' } },
      },
      { ...line, price_data: { ...line.price_data, currency: 'jpy' } },
    ],
  })
  const page = async (query = '') => (await fetch(`${session.url}${query}`)).text()
  expect(await page()).toContain('&lt;b&gt;Ark&lt;/b&gt;')
  expect(await page()).toContain('Pay ¥2,700')
  expect(await page('?declined')).toContain('role="alert"')
  seller.simulator.pay(session.id)
  expect(await page()).toContain('This is paid.')
  expect((await fetch(`${seller.simulator.url}/pay/cs_test_no`)).status).toBe(404)
})
