const second = 1_000

/** An install is polled after 1, 2, 4 … 15 s: as long again as it has already taken. */
export function pollDelayMs(installingForMs: number): number {
  return Math.min(15 * second, Math.max(second, installingForMs))
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
