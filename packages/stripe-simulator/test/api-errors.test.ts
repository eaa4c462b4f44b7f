import type Stripe from 'stripe'
import { expect, test } from 'vitest'
import { clientOf, oneServer, startSeller } from './seller.ts'

const [line] = oneServer.line_items

test('a wrong key is 401 and shows only its ends', async () => {
  await using seller = await startSeller()
  const stranger = clientOf({ url: seller.simulator.url, secretKey: 'sk_test_4eC39HqLyjWDarjtT1zdp7dc' })
  await expect(stranger.events.list()).rejects.toMatchObject({
    type: 'StripeAuthenticationError',
    statusCode: 401,
    message: 'Invalid API Key provided: sk_test_********************p7dc',
  })
  expect((await fetch(`${seller.simulator.url}/v1/events`)).status).toBe(401)
})

test('an unknown id is 404 in an address and 400 in a parameter', async () => {
  await using seller = await startSeller()
  const { stripe } = seller
  await expect(stripe.checkout.sessions.retrieve('cs_test_no')).rejects.toMatchObject({
    statusCode: 404,
    code: 'resource_missing',
    message: "No such checkout.session: 'cs_test_no'",
  })
  await expect(stripe.refunds.create({ payment_intent: 'pi_no' })).rejects.toMatchObject({
    statusCode: 400,
    code: 'resource_missing',
    param: 'payment_intent',
  })
  await expect(
    stripe.checkout.sessions.create({ ...oneServer, line_items: [{ price: 'price_no', quantity: 1 }] }),
  ).rejects.toMatchObject({ statusCode: 400, param: 'line_items[0][price]' })
  await expect(stripe.events.list({ ending_before: 'evt_no' })).rejects.toMatchObject({
    statusCode: 400,
    param: 'ending_before',
  })
})

test('an address that is not simulated is answered as such', async () => {
  await using seller = await startSeller()
  await expect(seller.stripe.payouts.list()).rejects.toMatchObject({
    statusCode: 404,
    message: expect.stringContaining('Unrecognized request URL (GET: /v1/payouts)'),
  })
})

const wrong: [string, object, object][] = [
  ['an unknown parameter', { colour: 'red' }, { code: 'parameter_unknown', param: 'colour' }],
  ['no success_url', { success_url: undefined }, { code: 'parameter_missing', param: 'success_url' }],
  ['no line items', { line_items: undefined }, { code: 'parameter_missing', param: 'line_items' }],
  [
    'half an amount',
    { line_items: [{ ...line, price_data: { ...line.price_data, unit_amount: 7.5 } }] },
    { code: 'parameter_invalid_integer', param: 'line_items[0][price_data][unit_amount]' },
  ],
  ['a long metadata value', { metadata: { note: 'x'.repeat(501) } }, { param: 'metadata[note]' }],
  ['an expiry too soon', { expires_at: Math.floor(Date.now() / 1000) + 60 }, { param: 'expires_at' }],
  [
    'a recurring price in payment mode',
    { line_items: [{ ...line, price_data: { ...line.price_data, recurring: { interval: 'month' } } }] },
    { message: expect.stringContaining('passed a recurring price') },
  ],
  [
    'a subscription part in payment mode',
    { subscription_data: { metadata: {}, description: 'x' } },
    { param: 'subscription_data' },
  ],
  [
    'another currency than its prices',
    { currency: 'usd' },
    { message: expect.stringContaining('same currency') },
  ],
  [
    'two currencies',
    { line_items: [line, { ...line, price_data: { ...line.price_data, currency: 'usd' } }] },
    { message: expect.stringContaining('same currency') },
  ],
]

test.each(wrong)('%s is refused', async (_, change, error) => {
  await using seller = await startSeller()
  const { stripe } = seller
  const params: Stripe.Checkout.SessionCreateParams = { ...oneServer, ...change }
  await expect(stripe.checkout.sessions.create(params)).rejects.toMatchObject({
    type: 'StripeInvalidRequestError',
    statusCode: 400,
    requestId: expect.stringMatching(/^req_/),
    ...error,
  })
  expect((await stripe.checkout.sessions.list()).data).toEqual([])
})

test('expanded objects are complete', async () => {
  await using seller = await startSeller()
  const { stripe, simulator } = seller
  const { id } = await stripe.checkout.sessions.create(oneServer)
  simulator.pay(id)
  const session = await stripe.checkout.sessions.retrieve(id, {
    expand: ['line_items', 'payment_intent.latest_charge'],
  })
  expect(session.line_items?.data[0]).toMatchObject({
    description: 'Minecraft 4 GB',
    quantity: 2,
    amount_total: 1500,
  })
  expect(session.payment_intent).toMatchObject({
    object: 'payment_intent',
    latest_charge: { object: 'charge' },
  })
  expect((await stripe.checkout.sessions.listLineItems(id)).data).toEqual(session.line_items?.data)
  await expect(stripe.checkout.sessions.retrieve(id, { expand: ['colour'] })).rejects.toMatchObject({
    message: 'This property cannot be expanded (colour).',
  })
})

test('answers take the shape of the version the caller names', async () => {
  await using seller = await startSeller()
  const { stripe, simulator } = seller
  const { id } = await stripe.checkout.sessions.create(oneServer)
  const old = clientOf(simulator)
  const before = await old.checkout.sessions.retrieve(id, {}, { apiVersion: '2024-06-20' })
  expect(before).toMatchObject({ ui_mode: 'hosted', shipping_details: null })
  expect(before).not.toHaveProperty('collected_information')
  expect(await stripe.checkout.sessions.retrieve(id)).toHaveProperty('ui_mode', 'hosted_page')
})
