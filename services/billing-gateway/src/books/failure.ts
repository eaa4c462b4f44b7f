export const tryFailed = 'The money could not be collected; Stripe tries again.'
export const lastTryFailed = 'The money could not be collected, and Stripe does not try again.'
export const givenUp = 'Stripe gave the invoice up as uncollectible.'
export const voided = 'The invoice was voided: its money is no longer asked for.'

const inOrder: (string | null)[] = [lastTryFailed, givenUp, voided]

/** How final a failure is: 0 while it is tried again. */
export function finality({
  failure,
  next_attempt_at,
}: {
  failure: string | null
  next_attempt_at?: string | null | undefined
}): number {
  return next_attempt_at ? 0 : Math.max(0, inOrder.indexOf(failure)) + 1
}

export function isGivenUp({ failure }: { failure: string | null }): boolean {
  return failure === givenUp || failure === voided
}
