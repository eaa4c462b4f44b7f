export type Sleep = (ms: number) => Promise<void>

/** Waits in simulated time. A simulator that is closed is not waited for. */
export function createSleep(timeScale: number): Sleep {
  return (ms) =>
    new Promise((resolve) => {
      setTimeout(resolve, ms * timeScale).unref()
    })
}
