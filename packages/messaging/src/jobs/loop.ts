export type Loop = { wake(): void; stop(): Promise<void> }

/** Calls `tick` repeatedly: at once while it finds work, else when woken or after `idleMs`. Errors go to `onError` and count as idle. */
export function startLoop({
  tick,
  idleMs,
  onError,
}: {
  tick: () => Promise<number>
  idleMs: number
  onError: (error: unknown) => void
}): Loop {
  let stopped = false
  let woken = false
  let endPause = () => {}

  const running = (async () => {
    while (!stopped) {
      woken = false
      const done = await tick().catch((error) => {
        onError(error)
        return 0
      })
      if (done === 0 && !woken && !stopped) await pause()
    }
  })()

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, idleMs * (0.75 + Math.random() / 2))
      endPause = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }

  return {
    wake: () => {
      woken = true
      endPause()
    },
    stop: async () => {
      stopped = true
      endPause()
      await running
    },
  }
}
