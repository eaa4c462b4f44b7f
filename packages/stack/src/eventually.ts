/**
 * Runs `check` until it no longer throws, and gives back what it returned; after `timeoutMs` its last error is thrown. It looks
 * often at first and then ever less so, up to each `everyMs`: most of what is waited for comes at once or takes seconds.
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  { timeoutMs = 20_000, everyMs = 80 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = performance.now() + timeoutMs
  for (let pauseMs = 5; ; pauseMs *= 1.4) {
    try {
      return await check()
    } catch (error) {
      if (performance.now() >= deadline) throw error
      const pause = Math.min(pauseMs, everyMs)
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }
}
