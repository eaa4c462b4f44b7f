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
    case 'switch-plan':
      return `to ${action.to} (${action.proration}): ${await update({ items: { 0: { id: item, price: `price_${action.to}` } }, proration_behavior: action.proration })}`
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
      const charge = invoice && environment.charge(invoice)
      if (!charge) return 'nothing: nothing was charged'
      const left = charge.amount - charge.amount_refunded
      const amount = action.share === 'all' ? left : Math.floor(left / 2)
      const done = amount > 0 && (await call('POST', 'refunds', { charge: charge.id, amount }))
      return done
        ? `${amount} of ${charge.amount} of ${nameOf(environment, invoice)} refunded`
        : 'nothing: it cannot be refunded'
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
  { which, reason, after }: Extract<Action, { do: 'dispute' }>,
): string {
  const { stripe, account } = environment
  const invoice = paidInvoices(environment).at(-1 - which)
  const charge = invoice && environment.charge(invoice)
  if (!charge || charge.disputed || charge.amount === charge.amount_refunded)
    return 'nothing: no charge that can be disputed'
  const opened = stripe.openDispute({
    charge: charge.id,
    kind: reason === 'inquiry' ? 'inquiry' : 'chargeback',
  })
  if (opened.status === 'lost')
    return `the debit of ${nameOf(environment, invoice)} returned: ${opened.reason}`
  if (after !== 'nothing' && reason !== 'inquiry')
    account.agenda.add(environment.seconds() + 6 * day, () => void stripe.moveDispute(opened.id, after))
  return `${reason} dispute of ${nameOf(environment, invoice)}, then ${after}`
}

function paidInvoices(environment: StripeEnvironment): Invoice[] {
  return environment.invoices().filter((invoice) => invoice.status === 'paid' && environment.charge(invoice))
}

function resultOf(done: object | null, { refusals }: StripeEnvironment): string {
  return done ? 'done' : `refused (${refusals.at(-1)?.slice(0, 200)})`
}
