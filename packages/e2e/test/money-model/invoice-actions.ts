import type { Action } from './scenario.ts'
import { type Invoice, nameOf, resultOf, type StripeEnvironment } from './stripe-environment.ts'

type Act<Name extends Action['do']> = Extract<Action, { do: Name }>
type Which = 'newest' | 'oldest'

export async function payInvoice(
  environment: StripeEnvironment,
  { outOfBand, which }: Act<'pay-invoice'>,
): Promise<string> {
  const { call, subscription } = environment
  const invoice = pick(environment, which, ({ status }) => status === 'open' || status === 'uncollectible')
  const draft = pick(environment, 'newest', ({ status }) => status === 'draft')
  const wanted = invoice ?? (subscription()?.status === 'unpaid' ? draft : undefined)
  if (!wanted) return 'nothing: no invoice is open'
  const params = outOfBand ? { paid_out_of_band: true } : {}
  const result = await call('POST', `invoices/${wanted.id}/pay`, params)
  const how = `${subscription()?.status === 'unpaid' ? ' of an unpaid subscription' : ''}${outOfBand ? ' past Stripe' : ''}`
  return `${nameOf(environment, wanted)} ${result ? `is paid${how}` : 'is not paid: the card refuses'}`
}

/** Two PaymentIntents pay it, or one pays a part and the rest stays open. */
export function payInParts(environment: StripeEnvironment, isWhole: boolean): string {
  const { stripe } = environment
  const invoice = pick(environment, 'newest', ({ status }) => status === 'open')
  const amount = Math.floor((invoice?.amount_remaining ?? 0) / 2)
  if (!invoice || amount === 0 || environment.isUnderWay(invoice)) return 'nothing: no invoice is open'
  stripe.attachPayment(invoice.id, amount)
  if (isWhole) stripe.attachPayment(invoice.id, invoice.amount_remaining - amount)
  return `${nameOf(environment, invoice)} is paid ${isWhole ? 'by two payments' : 'by half'}`
}

/** One PaymentIntent pays several invoices. */
export function payTogether(environment: StripeEnvironment): string {
  const open = environment
    .invoices()
    .filter(({ status, amount_remaining }) => status === 'open' && amount_remaining > 0)
    .filter((invoice) => !environment.isUnderWay(invoice))
  if (open.length < 2) return 'nothing: not two invoices are open'
  environment.stripe.attachToSeveral(open.map(({ id }) => id))
  return `one payment for ${open.map((invoice) => nameOf(environment, invoice)).join(' and ')}`
}

export async function settle(
  environment: StripeEnvironment,
  { how, which }: Act<'close-invoice'>,
): Promise<string> {
  const invoice = pick(environment, which, ({ status }) => status === 'open')
  if (!invoice) return 'nothing: no invoice is open'
  const done = await environment.call('POST', `invoices/${invoice.id}/${how}`)
  return `${nameOf(environment, invoice)} ${how}: ${resultOf(done, environment)}`
}

/** A half is one of the whole charge, so that two of them are all of it. */
export async function refund(environment: StripeEnvironment, { which, share }: Act<'refund'>) {
  const paid = environment.paid().at(-1 - which)
  const results: string[] = []
  for (const charge of paid?.charges ?? []) {
    const left = charge.amount - charge.amount_refunded
    const amount = share === 'all' ? left : Math.min(left, Math.ceil(charge.amount / 2))
    const done = amount > 0 && (await environment.call('POST', 'refunds', { charge: charge.id, amount }))
    results.push(done ? `${amount} of ${charge.amount} refunded` : 'cannot be refunded')
  }
  return paid ? `${paid.name}: ${results.join(', ')}` : 'nothing: nothing was charged'
}

export function dispute(
  environment: StripeEnvironment,
  { which, reason, after, share }: Act<'dispute'>,
): string {
  const { stripe, account } = environment
  const paid = environment.paid().at(-1 - which)
  const charge = paid?.charges.at(-1)
  if (!paid || !charge || charge.disputed || charge.amount === charge.amount_refunded)
    return 'nothing: no charge that can be disputed'
  const opened = stripe.openDispute({
    charge: charge.id,
    ...(share === 'part' && { amount: Math.ceil((charge.amount - charge.amount_refunded) / 3) }),
    kind: reason === 'inquiry' ? 'inquiry' : 'chargeback',
  })
  if (opened.status === 'lost')
    return `${opened.amount} of the debit of ${paid.name} returned: ${opened.reason}`
  if (after !== 'nothing' && reason !== 'inquiry')
    account.agenda.add(environment.seconds() + 6 * day, () => void stripe.moveDispute(opened.id, after))
  return `${reason} dispute of ${opened.amount} of ${paid.name}, then ${after}`
}

/** Its server is made by then: nothing is to follow. */
export function fraud({ stripe, paid }: StripeEnvironment, { what }: Act<'fraud'>): string {
  const newest = paid().at(-1)
  const charge = newest?.charges.at(-1)?.id
  if (!charge) return 'nothing: nothing was charged'
  if (what === 'warning') stripe.warnOfFraud({ charge })
  else stripe.openReview({ charge })
  return `an early fraud ${what} of ${newest.name}`
}

const day = 86_400

function pick({ invoices }: StripeEnvironment, which: Which, wanted: (invoice: Invoice) => boolean) {
  return which === 'newest' ? invoices().findLast(wanted) : invoices().find(wanted)
}
