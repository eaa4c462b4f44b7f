const mostUnderWay = 1_000
/** The first poll comes a little sooner each time it finds the install ended, and later where it came too soon: one in four does. */
const [sooner, later] = [0.98, 1.06]

/** How long installs of each egg take, from the answer to the create: as long as the first poll best waits. */
export function createInstallTimes({ timeScale }: { timeScale: number }) {
  const underWay = new Map<string, { egg: number; since: number; isTooSoon: boolean }>()
  const usual = new Map<number, number>()

  return {
    began(orderId: string, egg: number): void {
      underWay.set(orderId, { egg, since: performance.now(), isTooSoon: false })
      // What never ends, or ends unseen, is not kept.
      for (const oldest of underWay.keys()) if (underWay.size > mostUnderWay) underWay.delete(oldest)
    },
    polledTooSoon(orderId: string): void {
      const install = underWay.get(orderId)
      if (install) install.isTooSoon = true
    },
    /** A page that was requested at that time, of `performance.now()`, showed the end. */
    ended(orderId: string, at: number): void {
      const install = underWay.get(orderId)
      if (!install) return
      underWay.delete(orderId)
      const { egg, since, isTooSoon } = install
      const tookMs = (at - since) / timeScale
      const known = usual.get(egg)
      usual.set(egg, known === undefined ? tookMs : Math.min(tookMs, known * (isTooSoon ? later : sooner)))
    },
    /** In ms; null before the first one. */
    usualMs: (egg: number): number | null => usual.get(egg) ?? null,
  }
}
