const second = 1_000

/**
 * An install is polled when others of its egg were over, then each time it has taken an eighth longer; where none was seen, after 1, 2, 4 …
 * s: as long again as it has already taken. After 15 s in each case, for it may fail before.
 */
export function pollDelayMs(installingForMs: number, usualMs: number | null): number {
  if (usualMs === null) return Math.min(15 * second, Math.max(second, installingForMs))
  const untilUsual = usualMs - installingForMs
  return Math.min(15 * second, Math.max(second / 4, untilUsual > 0 ? untilUsual : installingForMs / 8))
}

/** The first poll follows the create at once where installs may take no time. */
export function firstPollDelayMs(usualMs: number | null): number | 'keep' {
  return usualMs === null || usualMs < second ? 'keep' : Math.min(15 * second, usualMs)
}

/** 1, 2, 4 … s up to 5 minutes, and up to a quarter more, so that what failed together does not come back together. */
export function retryDelayMs(attempts: number, random: number): number {
  const delayMs = Math.min(300 * second, second * 2 ** Math.min(attempts, 20))
  return delayMs * (1 + random / 4)
}

/** Capacity may appear without an event: check at least every 30 s. */
export function roomDelayMs(attempts: number, random: number): number {
  return Math.min(30 * second, retryDelayMs(attempts, random))
}
