import { listAtStripe } from './list-at-stripe.ts'

/** What the simulated Stripe has of one subscription, of what matters here. Times in ms. */
export type BillingRecord = {
  id: string
  customer: string
  status: string
  endedAt: number | null
  isPaused: boolean
  periodEnd: number
  /** In minor units, of its first item. */
  price: number
  invoices: InvoiceRecord[]
}

export type InvoiceRecord = {
  id: string
  status: string
  /** Of the line that charges a whole period; null for what charges none, such as a change. */
  period: { start: number; end: number } | null
  paymentIntent: string | null
  /** Null until something was charged. */
  charge: ChargeRecord | null
}

export type ChargeRecord = {
  isProcessing: boolean
  amount: number
  refunded: number
  dispute: { id: string; state: 'open' | 'won' | 'lost' | 'returned'; at: number } | null
}

type Listed = { id: string }
type Subscription = Listed & {
  customer: string
  status: string
  ended_at: number | null
  pause_collection: unknown
  items: { data: { price: { unit_amount: number | null }; current_period_end: number }[] }
}
type Invoice = Listed & {
  status: string
  parent: { subscription_details: { subscription: string } | null } | null
  lines: { data: Line[] }
}
type Line = {
  period: { start: number; end: number }
  parent: { subscription_item_details: { proration: boolean } | null } | null
}
type InvoicePayment = Listed & { invoice: string; payment: { payment_intent?: string } }
type Charge = Listed & {
  status: string
  payment_intent: string | null
  amount: number
  amount_refunded: number
  payment_method_details: { type: string } | null
}
type Dispute = Listed & { charge: string; status: string; created: number }

/** Read through the API, by nothing but Stripe's own objects; by the id of the subscription. */
export async function readBilling(stripe: {
  url: string
  secretKey: string
}): Promise<Map<string, BillingRecord>> {
  const list = <Item extends Listed>(path: string) => listAtStripe<Item>(stripe, path)
  const charges = chargesOf(await list<Charge>('charges'), await list<Dispute>('disputes'))
  const intents = new Map<string, string>()
  for (const { invoice, payment } of await list<InvoicePayment>('invoice_payments'))
    if (payment.payment_intent) intents.set(invoice, payment.payment_intent)
  const records = new Map<string, BillingRecord>()
  for (const subscription of await list<Subscription>('subscriptions?status=all'))
    records.set(subscription.id, recordOf(subscription))
  for (const invoice of await list<Invoice>('invoices')) {
    const intent = intents.get(invoice.id) ?? null
    const charge = intent === null ? null : (charges.get(intent) ?? null)
    const owner = invoice.parent?.subscription_details?.subscription
    if (owner) records.get(owner)?.invoices.push(invoiceOf(invoice, intent, charge))
  }
  return records
}

function recordOf({ id, customer, status, ended_at, pause_collection, items }: Subscription): BillingRecord {
  return {
    id,
    customer,
    status,
    endedAt: ended_at === null ? null : ended_at * 1_000,
    isPaused: pause_collection !== null,
    periodEnd: (items.data[0]?.current_period_end ?? 0) * 1_000,
    price: items.data[0]?.price.unit_amount ?? 0,
    invoices: [],
  }
}

function invoiceOf(
  { id, status, lines }: Invoice,
  paymentIntent: string | null,
  charge: ChargeRecord | null,
): InvoiceRecord {
  const whole = lines.data.find(({ parent }) => parent?.subscription_item_details?.proration === false)
  const period = whole && { start: whole.period.start * 1_000, end: whole.period.end * 1_000 }
  return { id, status, period: period ?? null, paymentIntent, charge }
}

/** By payment intent. One that was tried several times has the charge that went furthest. */
function chargesOf(charges: Charge[], disputes: Dispute[]): Map<string, ChargeRecord> {
  const byCharge = new Map(disputes.map((dispute) => [dispute.charge, dispute]))
  const kept = charges.filter(({ status }) => status === 'succeeded' || status === 'pending')
  return new Map(
    kept.map(({ id, payment_intent, status, amount, amount_refunded, payment_method_details }) => {
      const dispute = byCharge.get(id)
      const isDebit = payment_method_details?.type === 'sepa_debit'
      const record: ChargeRecord = {
        isProcessing: status === 'pending',
        amount,
        refunded: amount_refunded,
        dispute: dispute
          ? { id: dispute.id, state: stateOf(dispute, isDebit), at: dispute.created * 1_000 }
          : null,
      }
      return [payment_intent ?? id, record]
    }),
  )
}

function stateOf({ status }: Dispute, isDebit: boolean): 'open' | 'won' | 'lost' | 'returned' {
  if (status === 'won') return 'won'
  if (status !== 'lost') return 'open'
  return isDebit ? 'returned' : 'lost'
}
