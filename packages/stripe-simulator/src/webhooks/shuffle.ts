type Release = () => Promise<void>

/** Holds what arrives within a window, then lets it go one after the other in another order. */
export function createShuffler(random: () => number) {
  const held: Release[] = []

  return function shuffle<T>(
    { windowMs, order }: { windowMs: number; order: 'random' | 'reverse' },
    act: () => Promise<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      held.push(() => act().then(resolve, reject))
      if (held.length === 1) setTimeout(() => void releaseAll(order), windowMs)
    })
  }

  async function releaseAll(order: 'random' | 'reverse') {
    const waiting = held.splice(0)
    const going = order === 'reverse' ? waiting.reverse() : inAnyOrder(waiting)
    for (const release of going) await release()
  }

  function inAnyOrder(waiting: Release[]) {
    return waiting
      .map((release) => ({ release, place: random() }))
      .sort((a, b) => a.place - b.place)
      .map(({ release }) => release)
  }
}
