import type Stripe from 'stripe'
import { timeAtStripe } from './clock.ts'
import { all, completeSubscription, readInvoice } from './complete-lists.ts'
import { isMissing } from './errors.ts'
import { typeOfInvoice } from './object-event.ts'

type Answer = { objects: { type: string; object: { id: string } }[]; stripeTime: Date }

/** `target`: `look:<what>:<id>`. Empty where Stripe has no such object. */
export async function lookUp(stripe: Stripe, target: string): Promise<Answer> {
  const [, what = '', id = ''] = /^look:([a-z-]+):(.+)$/.exec(target) ?? []
  const lookup = lookupsByKind[what]
  if (!lookup) throw new Error(`Unknown lookup: ${target}`)
  try {
    return await lookup(stripe, id)
  } catch (error) {
    if (isMissing(error)) return { objects: [], stripeTime: new Date() }
    throw error
  }
}

const lookupsByKind: Record<string, (stripe: Stripe, id: string) => Promise<Answer>> = {
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
    const query = { payment: { type: 'payment_intent', payment_intent: id }, limit: 100 } as const
    const list = await stripe.invoicePayments.list(query)
    const payments = list.has_more ? await all(stripe.invoicePayments.list(query)) : list.data
    // A cancelled payment pays no invoice.
    const active = payments.filter(({ status }) => status !== 'canceled')
    return answer(active, 'invoice_payment.paid', list.lastResponse)
  },
  refunds: async (stripe, id) => {
    const list = await stripe.refunds.list({ charge: id, limit: 100 })
    const rest = list.has_more ? await all(stripe.refunds.list({ charge: id, limit: 100 })) : list.data
    return answer(rest, 'refund.updated', list.lastResponse)
  },
}

function answer(
  objects: { id: string }[],
  type: string,
  response: { headers: Record<string, string> },
): Answer {
  return { objects: objects.map((object) => ({ type, object })), stripeTime: timeAtStripe(response) }
}
