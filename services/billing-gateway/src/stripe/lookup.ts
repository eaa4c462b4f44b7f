import type Stripe from 'stripe'
import { timeAtStripe } from './clock.ts'
import { all, completeSubscription, readInvoice } from './complete-lists.ts'
import { isMissing } from './errors.ts'
import { typeOfInvoice } from './object-event.ts'

type Seen = { type: string; object: { id: string } }
type Answer = { objects: Seen[]; stripeTime: Date }

/** `look:<what>:<id>`; an object that Stripe does not have is no object. */
export async function askStripe(stripe: Stripe, target: string): Promise<Answer> {
  const [, what = '', id = ''] = /^look:([a-z-]+):(.+)$/.exec(target) ?? []
  const ask = questions[what]
  if (!ask) throw new Error(`Nobody knows how to look at ${target}`)
  try {
    return await ask(stripe, id)
  } catch (error) {
    if (isMissing(error)) return { objects: [], stripeTime: new Date() }
    throw error
  }
}

const questions: Record<string, (stripe: Stripe, id: string) => Promise<Answer>> = {
  subscription: async (stripe, id) => {
    const subscription = await stripe.subscriptions.retrieve(id)
    const complete = await completeSubscription(stripe, subscription)
    return answer([complete], 'customer.subscription.updated', subscription.lastResponse)
  },
  invoice: async (stripe, id) => {
    const invoice = await readInvoice(stripe, id)
    const type = typeOfInvoice(invoice, timeAtStripe(invoice.lastResponse))
    return answer(type === null ? [] : [invoice], type ?? 'invoice.updated', invoice.lastResponse)
  },
  'invoice-payments': async (stripe, id) => {
    const list = await stripe.invoicePayments.list({
      payment: { type: 'payment_intent', payment_intent: id },
      limit: 100,
    })
    // A payment that was given up says of no invoice that it is paid by it.
    const standing = list.data.filter(({ status }) => status !== 'canceled')
    return answer(standing, 'invoice_payment.paid', list.lastResponse)
  },
  refunds: async (stripe, id) => {
    const list = await stripe.refunds.list({ charge: id, limit: 100 })
    const rest = list.has_more ? await all(stripe.refunds.list({ charge: id, limit: 100 })) : list.data
    return answer(rest, 'refund.updated', list.lastResponse)
  },
}

/** Stripe's clock and not ours: its events are told apart from what was looked at by their times. */
function answer(
  objects: { id: string }[],
  type: string,
  { headers }: { headers: Record<string, string> },
): Answer {
  const date = Date.parse(headers.date ?? '')
  return {
    objects: objects.map((object) => ({ type, object })),
    stripeTime: Number.isNaN(date) ? new Date() : new Date(date),
  }
}
