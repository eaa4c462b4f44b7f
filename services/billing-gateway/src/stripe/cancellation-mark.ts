/**
 * Marks at Stripe, in the update that sets it, an end of a subscription that we decided, not its customer or its seller. Stripe
 * keeps the mark when they change the end, so it counts only for the end that was asked for when it was made: `canceled_at` is the
 * time of the most recent request. Source: docs.stripe.com/api/subscriptions/object (`canceled_at`).
 */
export const markName = 'spawnpoint_ends_for'

const minuteMs = 60_000
/** From the minute of the mark until Stripe has answered the last attempt of its request. */
const longestMs = 4 * minuteMs

export function cancellationMark(because: 'refund', stripeTime: Date): Record<string, string> {
  return { [markName]: `${because} ${minuteOf(stripeTime).toISOString()}` }
}

/** An attempt that is repeated within the minute is the same request. */
export function minuteOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / minuteMs) * minuteMs)
}

/** What we have it end for; null where anybody else has decided. `canceledAt` in ms. */
export function markedEnd(metadata: Record<string, string>, canceledAt: number | null): string | null {
  const [because, at = ''] = metadata[markName]?.split(' ') ?? []
  const since = canceledAt === null ? Number.NaN : canceledAt - Date.parse(at)
  return because && since >= 0 && since <= longestMs ? because : null
}
