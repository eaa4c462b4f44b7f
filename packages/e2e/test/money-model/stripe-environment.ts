import {
  asOfApiVersion,
  createStripeAccount,
  currentApiVersion,
  price,
  product,
  type SnapshotEvent,
  type StripeAccount,
} from '@spawnpoint/stripe-simulator'
import type { PriceName, Scenario } from './scenario.ts'

export type StripeEnvironment = ReturnType<typeof openStripeEnvironment>
export type Account = StripeAccount['account']
export type Invoice = ReturnType<Account['invoices']['all']>[number]
export type Subscription = ReturnType<Account['subscriptions']['all']>[number]

export const orderId = '7d3a9c1e-52b4-5f0e-9a61-0c8e4b7f2d35'
/** What names the order. */
export const orderMetadata = { order_id: orderId, region: 'eu' }
const start = Date.parse('2026-01-31T10:00:00Z')
type Sold = { amount: number; interval: 'month' | 'year' | null; plan?: string }

const prices: Record<PriceName, Sold> = {
  monthly: { amount: 999, interval: 'month', plan: 'monthly' },
  large: { amount: 1999, interval: 'month', plan: 'large' },
  yearly: { amount: 9990, interval: 'year', plan: 'yearly' },
  spelled: { amount: 1999, interval: 'month', plan: 'Large ' },
  raised: { amount: 1299, interval: 'month', plan: 'monthly' },
  cheap: { amount: 50, interval: 'month' },
}
const addOn: Sold = { amount: 300, interval: 'month' }
const once: Sold = { amount: 2500, interval: null, plan: 'once' }

/** The seller's account at Stripe, in this process: its time moves only by hand. */
export function openStripeEnvironment({ billing }: Pick<Scenario, 'billing'>) {
  const stripe = createStripeAccount({
    now: () => start,
    secretKey: 'sk_test_model',
    webhookSecret: 'whsec_model',
  })
  const { account } = stripe
  stripe.setBilling({ ...billing, upcoming_days: 7 })
  const sold = account.products.save(product({ name: 'Server' }))
  for (const [name, { amount, interval, plan }] of Object.entries({ ...prices, backup: addOn, once }))
    account.prices.save(
      price({
        id: `price_${name}`,
        product: sold.id,
        currency: 'eur',
        unit_amount: amount,
        recurring: interval && { ...price().recurring, ...recurring(interval) },
        type: interval ? 'recurring' : 'one_time',
        metadata: plan === undefined ? {} : { plan },
      }),
    )

  /** A call of Stripe's API; null where Stripe refuses it. */
  async function call(
    method: 'POST' | 'DELETE',
    path: string,
    params: object = {},
  ): Promise<{ id: string } | null> {
    const answer = await stripe.fetch(`http://stripe/v1/${path}`, {
      method,
      headers: {
        authorization: 'Bearer sk_test_model',
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams(entriesOf(params)).toString(),
    })
    if (answer.status === 400 || answer.status === 402 || answer.status === 404) {
      refusals.push(`${method} ${path}: ${await answer.text()}`)
      return null
    }
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as { id: string }
  }
  const refusals: string[] = []

  return {
    stripe,
    account,
    refusals,
    call,
    seconds: account.seconds,
    /** The newest that goes on, else the newest. */
    subscription: (): Subscription | undefined => newestOf(account.subscriptions.all()),
    invoices: (): readonly Invoice[] => account.invoices.all(),
    /** Whatever was charged for, in order. */
    paid: () => paidIn(account),
    isUnderWay: (invoice: Invoice) => isUnderWay(account, invoice),
  }
}

export function newestOf(all: readonly Subscription[]): Subscription | undefined {
  return all.findLast((each) => !isOver(each)) ?? all.at(-1)
}

export function isOver({ status }: Subscription): boolean {
  return status === 'canceled' || status === 'incomplete_expired'
}

function entriesOf(params: object, under?: string): [string, string][] {
  return Object.entries(params).flatMap(([name, value]: [string, unknown]): [string, string][] => {
    const path = under ? `${under}[${name}]` : name
    return typeof value === 'object' && value !== null ? entriesOf(value, path) : [[path, String(value)]]
  })
}

function recurring(interval: 'month' | 'year') {
  return {
    interval,
    interval_count: 1,
    meter: null,
    usage_type: 'licensed' as const,
    trial_period_days: null,
  }
}

/** What went back of a payment, and who disputes it. */
export function movesOf(account: Account, intent: string): object[] {
  return [
    ...account.refunds.all().filter((refund) => refund.payment_intent === intent),
    ...account.disputes.all().filter((dispute) => dispute.payment_intent === intent),
  ]
}

/** What was charged for an invoice, by each that paid a part of it; empty where nothing was, or past Stripe. */
export function chargesOf(account: Account, { id }: Invoice) {
  const paying = account.invoicePayments
    .all()
    .filter(({ invoice, status }) => invoice === id && status === 'paid')
  return paying.flatMap(({ payment }) => {
    const intent = account.paymentIntents.get(String(payment.payment_intent))
    return account.charges.get(String(intent?.latest_charge)) ?? []
  })
}

function paidIn(account: Account) {
  const sessions = account.sessions.all().flatMap(({ id, payment_intent }) => {
    const intent = account.paymentIntents.get(String(payment_intent))
    const charge = account.charges.get(String(intent?.latest_charge))
    return charge?.status === 'succeeded' ? [{ name: id.slice(0, 12), charges: [charge] }] : []
  })
  const invoices = account.invoices.all().flatMap((invoice, index) => {
    const charges = invoice.status === 'paid' ? chargesOf(account, invoice) : []
    return charges.length === 0 ? [] : [{ name: `in_${index + 1}`, charges }]
  })
  return [...sessions, ...invoices]
}

/** A bank debit is. */
export function isUnderWay(account: Account, { id }: Invoice): boolean {
  const paying = account.invoicePayments.all().filter(({ invoice }) => invoice === id)
  return paying.some(
    ({ payment }) => account.paymentIntents.get(String(payment.payment_intent))?.status === 'processing',
  )
}

const asShown = new WeakMap<object, object>()

/** An object as Stripe's API and its events show it: lists within it are cut. Objects are never changed in place. */
export function shown<T extends object>(object: T): T {
  const known = asShown.get(object) ?? asOfApiVersion(object as T & { object: string }, currentApiVersion)
  asShown.set(object, known)
  return known as T
}

export type Event = SnapshotEvent

export const plans = { monthly: prices.monthly, large: prices.large, yearly: prices.yearly, once }
export const planPrices: ReadonlyMap<string, number> = new Map(
  Object.entries(plans).map(([name, { amount }]) => [name, amount]),
)

/** Short: the invoices of a scenario are counted. */
export function nameOf(environment: StripeEnvironment, invoice: { id: string }): string {
  return `in_${environment.invoices().findIndex(({ id }) => id === invoice.id) + 1}`
}

export function resultOf(done: object | null, { refusals }: { refusals: string[] }): string {
  return done ? 'done' : `refused (${refusals.at(-1)?.slice(0, 200)})`
}

export function dateOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16)
}
