import { setTimeout as sleep } from 'node:timers/promises'

/** Tries until it does not throw. */
export async function eventually<Result>(
  attempt: () => Result | Promise<Result>,
  withinMs = 5_000,
): Promise<Result> {
  const until = performance.now() + withinMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > until) throw error
      await sleep(2)
    }
  }
}
