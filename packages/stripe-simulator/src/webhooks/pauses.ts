/** Pauses that all end at once when there is nothing left to wait for. */
export function createPauses() {
  const ends = new Set<() => void>()

  return {
    pause: (ms: number) =>
      new Promise<void>((resolve) => {
        const end = () => {
          clearTimeout(timer)
          ends.delete(end)
          resolve()
        }
        const timer = setTimeout(end, ms)
        ends.add(end)
      }),
    endAll() {
      for (const end of ends) end()
    },
  }
}
