import { expect, test } from 'vitest'
import { openAccount } from './in-process.ts'

test('every in-process control is available over HTTP', async () => {
  const account = openAccount()
  const post = async (path: string, body: object = {}) => {
    const init = { method: 'POST', body: JSON.stringify(body) }
    const response = await account.fetch(`http://stripe.test/_simulator${path}`, init)
    return { status: response.status, body: JSON.parse(await response.text()) }
  }
  const made = await post('/subscriptions', { amount: 999, add_ons: [100], metadata: { plan: 'small' } })
  expect(made).toMatchObject({ status: 201, body: { invoice: { amount_paid: 1099 } } })
  const { customer, subscription } = made.body
  const of = `/subscriptions/${subscription.id}`
  expect(await post(`${of}/invoice_lines`, { count: 40, kind: 'one_off' })).toMatchObject({
    status: 201,
    body: { lines: 40, total: 16_000 },
  })
  expect((await post(`${of}/plan`, { amount: 1999 })).body.items.data[0].price.unit_amount).toBe(1999)
  expect((await post(`${of}/pause_collection`, { behavior: 'void' })).body.pause_collection.behavior).toBe(
    'void',
  )
  const resumed = await account.fetch(`http://stripe.test/_simulator${of}/pause_collection`, {
    method: 'DELETE',
  })
  expect(await resumed.json()).toMatchObject({ pause_collection: null })
  expect((await post(`/customers/${customer}/credit`, { amount: 500 })).body.balance).toBe(-500)
  expect((await post(`${of}/collection`, { days_until_due: 3 })).body.days_until_due).toBe(3)

  await post('/clock', { to: '2026-05-02T00:00:00Z' })
  const [open] = account.account.invoices.all().filter(({ status }) => status === 'open')
  expect((await post(`/invoices/${open?.id}/partial`, { amount: 999 })).body.amount_paid).toBe(999)
  expect(await post(`/invoices/${open?.id}/partial`, { amount: 999_999 })).toMatchObject({ status: 400 })
  expect((await post(`/invoices/${open?.id}/confirm`)).body.status).toBe('paid')
  const trial_end = Date.parse('2026-06-20T00:00:00Z') / 1000
  expect((await post(`${of}/trial`, { trial_end, credited: false })).body).toMatchObject({
    status: 'trialing',
  })
  expect((await post('/link_sales', { quantity: 2 })).body.session.amount_total).toBe(1998)
  expect(await post('/subscriptions/sub_no/plan', { amount: 1 })).toMatchObject({ status: 404 })
})

test('a debit and a draft can be driven over HTTP too', async () => {
  const account = openAccount()
  const post = (path: string, body: object) =>
    account.fetch(`http://stripe.test/_simulator${path}`, { method: 'POST', body: JSON.stringify(body) })
  const { customer, subscription } = account.subscribe()
  account.setCard(customer, 'bank_debit')
  account.advanceClock(31 * 86_400_000)
  const renewal = account.account.invoices.all().at(-1)
  expect(await (await post(`/invoices/${renewal?.id}/debit`, { outcome: 'failed' })).json()).toMatchObject({
    status: 'open',
    attempt_count: 1,
  })
  expect((await post('/disputes', { invoice: `${renewal?.id}` })).status).toBe(400)
  account.setCard(customer, 'works')
  account.pauseCollection({ subscription: subscription.id, behavior: 'keep_as_draft' })
  account.advanceClock(31 * 86_400_000)
  const draft = account.account.invoices.all().at(-1)
  expect(draft?.status).toBe('draft')
  await post(`/invoices/${draft?.id}/advance`, {})
  account.advanceClock(2 * 3_600_000)
  expect(account.account.invoices.get(String(draft?.id))?.status).toBe('paid')
})
