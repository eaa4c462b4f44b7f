import Stripe from 'stripe'
import { cutLists } from './api/cut-lists.ts'
import { beforeBasil, previousBeforeBasil } from './before-basil.ts'

/** The version this simulator speaks when nobody names another: the one the installed `stripe` package pins. */
export const currentApiVersion: string = Stripe.API_VERSION

export const basil = '2025-03-31'
export const dahlia = '2026-03-25'

/**
 * The object as it is shown: its lists cut, and in the shape of an API version. A webhook's shape follows its endpoint's version and never the SDK's,
 * so a receiver meets all of these. Source: CHANGELOG of stripe-node, 18.0 (2025-03-31.basil) and 21.0 (2026-03-25.dahlia).
 */
export function asOfApiVersion(whole: { object: string }, version: string): object {
  const object = cutLists(whole)
  if (isSession(object)) return sessionAsOf(object, version)
  return version < basil ? beforeBasil(object) : object
}

/** The same for an event's `previous_attributes`; `object` is the event's. */
export function previousAsOfApiVersion(whole: object, object: { object: string }, version: string): object {
  const previous = cutLists(whole)
  return version < basil ? previousBeforeBasil(previous, object) : previous
}

function isSession(object: { object: string }): object is Stripe.Checkout.Session {
  return object.object === 'checkout.session'
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
