import { setTimeout as delay } from 'node:timers/promises'

/** Begins at a steady rate, whether or not what was begun before is over. */
export async function atEach<T>(
  { times, perSecond, signal }: { times: number; perSecond: number; signal: AbortSignal },
  begin: () => Promise<T>,
): Promise<T[]> {
  const first = performance.now()
  const begun: Promise<T>[] = []
  for (let turn = 0; turn < times; turn++) {
    const early = first + (turn * 1_000) / perSecond - performance.now()
    if (early > 0) await delay(early, undefined, { signal })
    const one = begin()
    // Its error is met below, when all have begun.
    one.catch(() => {})
    begun.push(one)
  }
  return await Promise.all(begun)
}
