export const tryFailed = 'The money could not be collected; Stripe tries again.'
export const lastTryFailed = 'The money could not be collected, and Stripe does not try again.'
export const givenUp = 'Stripe gave the invoice up as uncollectible.'
export const overdue = 'The invoice was not paid by its due date.'
export const voided = 'The invoice was voided: its money is no longer asked for.'

// The numbers are part of event ids.
const ranks = new Map<string | null, number>([
  [lastTryFailed, 1],
  // Beside the last try: the customer of a sent invoice may try to pay it before.
  [overdue, 1.5],
  [givenUp, 2],
  [voided, 3],
])

/** How final a failure is: 0 while Stripe retries. */
export function finality({
  failure,
  next_attempt_at,
}: {
  failure: string | null
  next_attempt_at?: string | null | undefined
}): number {
  return next_attempt_at ? 0 : (ranks.get(failure) ?? 1)
}

/**
 * Given up or voided: Stripe does not open such an invoice again, whoever tries to pay it meanwhile. It can only be paid or voided.
 * Source: docs.stripe.com/invoicing/integration/workflow-transitions.
 */
export function isFinal(failure: Parameters<typeof finality>[0]): boolean {
  return finality(failure) >= 2
}

/** Stripe failed to collect it. An invoice that was never attempted, such as while collection is paused, does not count. */
export function isGivenUp({ failure, attempts }: { failure: string | null; attempts: number }): boolean {
  return failure === givenUp && attempts > 0
}
