export type Clock = ReturnType<typeof createClock>

/** The account's time: real time, moved ahead by hand. It never goes back. */
export function createClock(now: () => number) {
  let ahead = 0
  return {
    now: () => now() + ahead,
    advance(ms: number) {
      ahead += ms
    },
    /** Moves to a time in milliseconds, unless that has passed. */
    moveTo(ms: number) {
      ahead = Math.max(ahead, ms - now())
    },
  }
}
