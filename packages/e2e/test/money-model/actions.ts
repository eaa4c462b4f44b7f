import type { Action } from './scenario.ts'
import { dateOf, type Invoice, nameOf, type StripeEnvironment } from './stripe-environment.ts'

const day = 86_400

/** Performs an action of a scenario at Stripe; returns its result in words. What makes no sense at that moment is left out. */
export async function act(environment: StripeEnvironment, action: Action): Promise<string> {
  const { stripe, account, call } = environment
  const subscription = environment.subscription()
  if (!subscription) return 'nothing: there is no subscription'
  const { id } = subscription
  const item = subscription.items.data[0]?.id ?? ''
  const addOn = subscription.items.data.find(({ price }) => price.id === 'price_backup')
  const isOver = subscription.status === 'canceled' || subscription.status === 'incomplete_expired'
  const update = async (params: Parameters<typeof call>[2]) =>
    isOver
      ? 'nothing: its subscription has ended'
      : resultOf(await call('POST', `subscriptions/${id}`, params), environment)

  switch (action.do) {
    case 'card':
      stripe.setCard(String(subscription.customer), action.answer)
      return `the card: ${action.answer}`
    case 'pay-invoice':
      return pay(environment, action.outOfBand)
    case 'pay-in-parts':
      return payInParts(environment, action.isWhole)
    case 'add-on':
      if (subscription.items.data[0]?.price.recurring?.interval !== 'month')
        return 'nothing: not by the month'
      return `${addOn ? 'without its' : 'with an'} add-on (${action.proration}): ${await update({ items: { 0: addOn ? { id: addOn.id, deleted: true } : { price: 'price_backup' } }, proration_behavior: action.proration })}`
    case 'switch-plan': {
      // Items of one subscription are charged together.
      const gone = action.to === 'yearly' && addOn ? { 1: { id: addOn.id, deleted: true } } : {}
      const items = { 0: { id: item, price: `price_${action.to}` }, ...gone }
      return `to ${action.to} (${action.proration}): ${await update({ items, proration_behavior: action.proration })}`
    }
    case 'flip-plan': {
      const now = subscription.items.data[0]?.price.id
      const other = now === 'price_large' ? 'price_monthly' : 'price_large'
      if (now === 'price_yearly') return 'nothing: it is paid by the year'
      const results: string[] = []
      for (let left = action.times; left > 0; left--)
        for (const price of [other, String(now)])
          results.push(
            await update({ items: { 0: { id: item, price } }, proration_behavior: 'create_prorations' }),
          )
      return `to another plan and back ${action.times} times: ${results.at(-1)}`
    }
    case 'crowd-invoice': {
      if (isOver) return 'nothing: its subscription has ended'
      const { lines, total } = stripe.crowdInvoice({
        subscription: id,
        count: action.count,
        kind: action.kind,
        amount: 40,
      })
      return `${lines} lines (${action.kind}, ${total} in all) wait for the next invoice`
    }
    case 'refund': {
      const invoice = paidInvoices(environment).at(-1 - action.which)
      const results: string[] = []
      for (const charge of invoice ? environment.charges(invoice) : []) {
        const left = charge.amount - charge.amount_refunded
        const amount = action.share === 'all' ? left : Math.floor(left / 2)
        const done = amount > 0 && (await call('POST', 'refunds', { charge: charge.id, amount }))
        results.push(done ? `${amount} of ${charge.amount} refunded` : 'cannot be refunded')
      }
      return invoice
        ? `${nameOf(environment, invoice)}: ${results.join(', ')}`
        : 'nothing: nothing was charged'
    }
    case 'dispute':
      return dispute(environment, action)
    case 'credit': {
      const customer = account.customers.get(String(subscription.customer))
      if (!customer) return 'nothing: no customer'
      account.change(
        account.customers,
        customer,
        { balance: customer.balance + action.amount },
        'customer.updated',
      )
      return `the customer's balance: ${customer.balance + action.amount}`
    }
    case 'extend-trial': {
      const end = subscription.items.data[0]?.current_period_end ?? 0
      const trial_end = Math.max(environment.seconds(), subscription.trial_end ?? 0, end) + action.days * day
      return `a trial until ${dateOf(trial_end)}: ${await update({ trial_end, proration_behavior: 'none' })}`
    }
    case 'pause':
      return `collection paused (${action.behavior}): ${await update({ pause_collection: { behavior: action.behavior } })}`
    case 'unpause':
      if (!subscription.pause_collection) return 'nothing: it is not paused'
      return `collection goes on: ${await update({ pause_collection: '' })}`
    case 'cancel':
      if (action.when === 'now')
        return isOver
          ? 'nothing: it has ended'
          : resultOf(await call('DELETE', `subscriptions/${id}`), environment)
      return `to end ${action.when}: ${await update({ cancel_at_period_end: action.when === 'period-end' })}`
    case 'close-invoice': {
      const invoice = environment.invoices().findLast(({ status }) => status === 'open')
      if (!invoice) return 'nothing: no invoice is open'
      return `${nameOf(environment, invoice)} ${action.how}: ${resultOf(await call('POST', `invoices/${invoice.id}/${action.how}`), environment)}`
    }
    default:
      return action satisfies never
  }
}

async function pay(environment: StripeEnvironment, outOfBand: boolean): Promise<string> {
  const invoice = environment
    .invoices()
    .findLast(({ status }) => status === 'open' || status === 'uncollectible')
  const draft = environment.invoices().findLast(({ status }) => status === 'draft')
  const wanted = invoice ?? (environment.subscription()?.status === 'unpaid' ? draft : undefined)
  if (!wanted) return 'nothing: no invoice is open'
  const result = await environment.call(
    'POST',
    `invoices/${wanted.id}/pay`,
    outOfBand ? { paid_out_of_band: true } : {},
  )
  return `${nameOf(environment, wanted)} ${result ? `is paid${outOfBand ? ' past Stripe' : ''}` : 'is not paid: the card refuses'}`
}

function dispute(
  environment: StripeEnvironment,
  { which, reason, after, share }: Extract<Action, { do: 'dispute' }>,
): string {
  const { stripe, account } = environment
  const invoice = paidInvoices(environment).at(-1 - which)
  const charge = invoice && environment.charge(invoice)
  if (!charge || charge.disputed || charge.amount === charge.amount_refunded)
    return 'nothing: no charge that can be disputed'
  const opened = stripe.openDispute({
    charge: charge.id,
    ...(share === 'part' && { amount: Math.ceil((charge.amount - charge.amount_refunded) / 3) }),
    kind: reason === 'inquiry' ? 'inquiry' : 'chargeback',
  })
  if (opened.status === 'lost')
    return `${opened.amount} of the debit of ${nameOf(environment, invoice)} returned: ${opened.reason}`
  if (after !== 'nothing' && reason !== 'inquiry')
    account.agenda.add(environment.seconds() + 6 * day, () => void stripe.moveDispute(opened.id, after))
  return `${reason} dispute of ${opened.amount} of ${nameOf(environment, invoice)}, then ${after}`
}

/** Two PaymentIntents pay it, or one pays a part and the rest stays open. */
function payInParts(environment: StripeEnvironment, isWhole: boolean): string {
  const { stripe } = environment
  const invoice = environment.invoices().findLast(({ status }) => status === 'open')
  const amount = Math.floor((invoice?.amount_remaining ?? 0) / 2)
  if (!invoice || amount === 0 || environment.isUnderWay(invoice)) return 'nothing: no invoice is open'
  stripe.attachPayment(invoice.id, amount)
  if (isWhole) stripe.attachPayment(invoice.id, invoice.amount_remaining - amount)
  return `${nameOf(environment, invoice)} is paid ${isWhole ? 'by two payments' : 'by half'}`
}

function paidInvoices(environment: StripeEnvironment): Invoice[] {
  return environment.invoices().filter((invoice) => invoice.status === 'paid' && environment.charge(invoice))
}

function resultOf(done: object | null, { refusals }: StripeEnvironment): string {
  return done ? 'done' : `refused (${refusals.at(-1)?.slice(0, 200)})`
}
