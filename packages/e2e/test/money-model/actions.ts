import type { Deed } from './scenario.ts'
import { dateOf, type Invoice, nameOf, type StripeWorld } from './stripe-environment.ts'

const day = 86_400

/** Does at Stripe what a story says; gives what became of it in words. What makes no sense at that moment is left out. */
export async function act(world: StripeWorld, deed: Deed): Promise<string> {
  const { stripe, account, call } = world
  const subscription = world.subscription()
  if (!subscription) return 'nothing: there is no subscription'
  const { id } = subscription
  const item = subscription.items.data[0]?.id ?? ''
  const isOver = subscription.status === 'canceled' || subscription.status === 'incomplete_expired'
  const update = async (params: Parameters<typeof call>[2]) =>
    isOver
      ? 'nothing: its subscription has ended'
      : resultOf(await call('POST', `subscriptions/${id}`, params), world)

  switch (deed.do) {
    case 'card':
      stripe.setCard(String(subscription.customer), deed.answer)
      return `the card: ${deed.answer}`
    case 'pay-invoice':
      return pay(world, deed.outOfBand)
    case 'switch-plan':
      return `to ${deed.to} (${deed.proration}): ${await update({ items: { 0: { id: item, price: `price_${deed.to}` } }, proration_behavior: deed.proration })}`
    case 'flip-plan': {
      const now = subscription.items.data[0]?.price.id
      const other = now === 'price_large' ? 'price_monthly' : 'price_large'
      if (now === 'price_yearly') return 'nothing: it is paid by the year'
      const results: string[] = []
      for (let left = deed.times; left > 0; left--)
        for (const price of [other, String(now)])
          results.push(
            await update({ items: { 0: { id: item, price } }, proration_behavior: 'create_prorations' }),
          )
      return `to another plan and back ${deed.times} times: ${results.at(-1)}`
    }
    case 'crowd-invoice': {
      if (isOver) return 'nothing: its subscription has ended'
      const { lines, total } = stripe.crowdInvoice({
        subscription: id,
        count: deed.count,
        kind: deed.kind,
        amount: 40,
      })
      return `${lines} lines (${deed.kind}, ${total} in all) wait for the next invoice`
    }
    case 'refund': {
      const invoice = paidInvoices(world).at(-1 - deed.which)
      const charge = invoice && world.charge(invoice)
      if (!charge) return 'nothing: nothing was charged'
      const left = charge.amount - charge.amount_refunded
      const amount = deed.share === 'all' ? left : Math.floor(left / 2)
      const done = amount > 0 && (await call('POST', 'refunds', { charge: charge.id, amount }))
      return done
        ? `${amount} of ${charge.amount} of ${nameOf(world, invoice)} refunded`
        : 'nothing: it cannot be refunded'
    }
    case 'dispute':
      return dispute(world, deed)
    case 'credit': {
      const customer = account.customers.get(String(subscription.customer))
      if (!customer) return 'nothing: no customer'
      account.change(
        account.customers,
        customer,
        { balance: customer.balance + deed.amount },
        'customer.updated',
      )
      return `the customer's balance: ${customer.balance + deed.amount}`
    }
    case 'extend-trial': {
      const end = subscription.items.data[0]?.current_period_end ?? 0
      const trial_end = Math.max(world.seconds(), subscription.trial_end ?? 0, end) + deed.days * day
      return `a trial until ${dateOf(trial_end)}: ${await update({ trial_end, proration_behavior: 'none' })}`
    }
    case 'pause':
      return `collection paused (${deed.behavior}): ${await update({ pause_collection: { behavior: deed.behavior } })}`
    case 'unpause':
      if (!subscription.pause_collection) return 'nothing: it is not paused'
      return `collection goes on: ${await update({ pause_collection: '' })}`
    case 'cancel':
      if (deed.when === 'now')
        return isOver ? 'nothing: it has ended' : resultOf(await call('DELETE', `subscriptions/${id}`), world)
      return `to end ${deed.when}: ${await update({ cancel_at_period_end: deed.when === 'period-end' })}`
    case 'close-invoice': {
      const invoice = world.invoices().findLast(({ status }) => status === 'open')
      if (!invoice) return 'nothing: no invoice is open'
      return `${nameOf(world, invoice)} ${deed.how}: ${resultOf(await call('POST', `invoices/${invoice.id}/${deed.how}`), world)}`
    }
    default:
      return deed satisfies never
  }
}

async function pay(world: StripeWorld, outOfBand: boolean): Promise<string> {
  const invoice = world.invoices().findLast(({ status }) => status === 'open' || status === 'uncollectible')
  const draft = world.invoices().findLast(({ status }) => status === 'draft')
  const wanted = invoice ?? (world.subscription()?.status === 'unpaid' ? draft : undefined)
  if (!wanted) return 'nothing: no invoice is open'
  const result = await world.call(
    'POST',
    `invoices/${wanted.id}/pay`,
    outOfBand ? { paid_out_of_band: true } : {},
  )
  return `${nameOf(world, wanted)} ${result ? `is paid${outOfBand ? ' past Stripe' : ''}` : 'is not paid: the card refuses'}`
}

function dispute(world: StripeWorld, { which, reason, after }: Extract<Deed, { do: 'dispute' }>): string {
  const { stripe, account } = world
  const invoice = paidInvoices(world).at(-1 - which)
  const charge = invoice && world.charge(invoice)
  if (!charge || charge.disputed || charge.amount === charge.amount_refunded)
    return 'nothing: no charge that can be disputed'
  const opened = stripe.openDispute({
    charge: charge.id,
    kind: reason === 'inquiry' ? 'inquiry' : 'chargeback',
  })
  if (opened.status === 'lost') return `the debit of ${nameOf(world, invoice)} returned: ${opened.reason}`
  if (after !== 'nothing' && reason !== 'inquiry')
    account.agenda.add(world.seconds() + 6 * day, () => void stripe.moveDispute(opened.id, after))
  return `${reason} dispute of ${nameOf(world, invoice)}, then ${after}`
}

function paidInvoices(world: StripeWorld): Invoice[] {
  return world.invoices().filter((invoice) => invoice.status === 'paid' && world.charge(invoice))
}

function resultOf(done: object | null, { refusals }: StripeWorld): string {
  return done ? 'done' : `refused (${refusals.at(-1)?.slice(0, 200)})`
}
