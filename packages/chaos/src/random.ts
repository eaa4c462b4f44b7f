export type Random = ReturnType<typeof createRandom>

/** A generator whose whole future follows from its seed. */
export function createRandom(seed: number) {
  const next = mulberry32(seed)
  const between = (low: number, high: number) => low + next() * (high - low)
  return {
    /** 0 ≤ n < 1 */
    next,
    between,
    integer: (low: number, high: number) => Math.floor(between(low, high + 1)),
    chance: (share: number) => next() < share,

    pick<T>(choices: readonly [T, ...T[]]): T {
      return choices[Math.floor(next() * choices.length)] ?? choices[0]
    },

    /** Somewhere within the share of the time that is its own: steady, but never like a clock. */
    spread: ({ index, of, over }: { index: number; of: number; over: number }) =>
      Math.round(((index + next()) / of) * over),

    /** By weight: `{ often: 9, seldom: 1 }`. */
    weighted<Name extends string>(weights: Record<Name, number>): Name {
      const entries = typedEntries(weights)
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [name, weight] of entries) {
        left -= weight
        if (left < 0) return name
      }
      throw new Error('Nothing to choose from')
    },
  }
}

function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

function typedEntries<Name extends string>(weights: Record<Name, number>): [Name, number][] {
  return Object.entries(weights) as [Name, number][]
}
