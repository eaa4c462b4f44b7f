/** Stripe's clock and not ours: its events are told apart from what was looked at by their times. */
export function timeAtStripe({ headers }: { headers: Record<string, string> }): Date {
  const date = Date.parse(headers.date ?? '')
  return Number.isNaN(date) ? new Date() : new Date(date)
}
