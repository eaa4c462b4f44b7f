import Stripe from 'stripe'

/** The version this simulator speaks when nobody names another: the one the installed `stripe` package pins. */
export const currentApiVersion: string = Stripe.API_VERSION

/**
 * The same object as an older API version shows it. A webhook's shape follows its endpoint's version and never the SDK's,
 * so a receiver meets all of these. Source: CHANGELOG of stripe-node, 18.0 (2025-03-31.basil) and 21.0 (2026-03-25.dahlia).
 */
export function asOfApiVersion(object: { object: string }, version: string): object {
  if (!isVersioned(object)) return object
  switch (object.object) {
    case 'checkout.session':
      return sessionAsOf(object, version)
    case 'subscription':
      return version < basil ? subscriptionBeforeBasil(object) : object
    case 'invoice':
      return version < basil ? invoiceBeforeBasil(object) : object
    default:
      return object satisfies never
  }
}

export const basil = '2025-03-31'
export const dahlia = '2026-03-25'

type Versioned = Stripe.Checkout.Session | Stripe.Subscription | Stripe.Invoice

function isVersioned(object: { object: string }): object is Versioned {
  return ['checkout.session', 'subscription', 'invoice'].includes(object.object)
}

function sessionAsOf(session: Stripe.Checkout.Session, version: string) {
  const named =
    version < dahlia ? { ...session, ui_mode: oldUiModes[session.ui_mode ?? ''] ?? session.ui_mode } : session
  if (version >= basil) return named
  const { collected_information, ...rest } = named
  return { ...rest, shipping_details: collected_information?.shipping_details ?? null }
}

const oldUiModes: Record<string, string> = {
  hosted_page: 'hosted',
  embedded_page: 'embedded',
  elements: 'custom',
}

function subscriptionBeforeBasil(subscription: Stripe.Subscription) {
  const [item] = subscription.items.data
  return {
    ...subscription,
    current_period_end: item?.current_period_end ?? null,
    current_period_start: item?.current_period_start ?? null,
    plan: item?.plan ?? null,
    quantity: item?.quantity ?? null,
  }
}

function invoiceBeforeBasil({ parent, payments, ...invoice }: Stripe.Invoice) {
  const details = parent?.subscription_details
  const payment = payments?.data[0]?.payment
  return {
    ...invoice,
    charge: payment?.charge ?? null,
    paid: invoice.status === 'paid',
    payment_intent: payment?.payment_intent ?? null,
    subscription: details?.subscription ?? null,
    subscription_details: { metadata: details?.metadata ?? null },
  }
}
