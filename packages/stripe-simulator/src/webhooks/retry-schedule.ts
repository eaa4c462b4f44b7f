/** Live mode tries for three days with growing pauses; Stripe does not publish them, these come close. */
export const triedForMs = 3 * 24 * 3_600_000

const firstPauseMs = 5_000
const longestPauseMs = 6 * 3_600_000

/** How long Stripe waits before an attempt; the second is the first one again. */
export function pauseBefore(attempt: number) {
  return Math.min(firstPauseMs * 3 ** (attempt - 2), longestPauseMs)
}
