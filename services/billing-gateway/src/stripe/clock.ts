/** By Stripe's clock, not ours: Stripe dates its events by it, and they are ordered against fetched objects by time. */
export function timeAtStripe({ headers }: { headers: Record<string, string> }): Date {
  const date = Date.parse(headers.date ?? '')
  return Number.isNaN(date) ? new Date() : new Date(date)
}

/** Of a time in one of Stripe's objects. */
export function dateOf(seconds: number): Date {
  return new Date(seconds * 1000)
}
