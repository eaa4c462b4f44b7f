import { setTimeout as delay } from 'node:timers/promises'
import type { Panel } from '../panel-types/panel.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import { createInstallTimes } from './install-times.ts'

export type PollServer = ReturnType<typeof createPollServer>

type Asked = {
  orderId: string
  answer: (found: PanelServer | null) => void
  fail: (error: unknown) => void
}

const mostOnPage = 100
const mostSooner = 2
/** As long as the longest pause between two polls of a server, and more. */
const watchedMs = 60_000
const newMs = 5_000

/**
 * Observes servers that are being installed. Whoever asks shares the next page: there are two a second on average, one while less than two
 * thirds of the panel's calls are left, and one every two seconds once they run short. Each page also shows those who asked before, and
 * those who will, so that what one of them waits for is not asked again.
 */
export function createPollServer(panel: Panel, { timeScale }: { timeScale: number }) {
  const waiting: Asked[] = []
  /** Until when each is on every page. */
  const watched = new Map<string, number>()
  /** Seen to be installed on the page of others, and until when that is taken for new. */
  const installed = new Map<string, { found: PanelServer; until: number }>()
  const times = createInstallTimes({ timeScale })
  let onInstalled = (_: string[]): void => {}
  let nextAt = Number.NEGATIVE_INFINITY
  let isUnderWay = false

  function gapMs(): number {
    const { calls_a_minute: limit, calls_left: left, calls_waiting } = panel.state()
    const leftOf = limit === null || left === null ? 1 : left / limit
    const isShort = calls_waiting > 0 || leftOf < 1 / 4
    return (isShort ? 2_000 : leftOf < 2 / 3 ? 1_000 : 500) * timeScale
  }

  async function readPages(): Promise<void> {
    isUnderWay = true
    while (waiting.length > 0) {
      const earlyMs = nextAt - performance.now()
      if (earlyMs > 0) await delay(earlyMs)
      // Pages that were not needed may follow sooner, so that installs that end at a steady rate do not each wait for the next page.
      nextAt = Math.max(nextAt, performance.now() - mostSooner * gapMs()) + gapMs()
      await readPage(waiting.splice(0, mostOnPage))
    }
    isUnderWay = false
  }

  async function readPage(asked: Asked[]): Promise<void> {
    const askedIds = asked.map(({ orderId }) => orderId)
    const others = [...watched.keys()].filter((id) => !askedIds.includes(id))
    const sentAt = performance.now()
    try {
      const servers = await panel.serversOfOrders([...askedIds, ...others].slice(0, mostOnPage))
      // The panel finds them by parts of an id too.
      const byOrder = new Map(servers.map((server) => [server.external_id, server]))
      for (const { orderId, answer } of asked) answer(byOrder.get(orderId) ?? null)
      note(askedIds, others, byOrder)
      for (const { external_id: id, status } of servers)
        if (id !== null && status === null) times.ended(id, sentAt)
    } catch (error) {
      for (const { fail } of asked) fail(error)
    }
  }

  function watch(orderId: string): void {
    watched.set(orderId, performance.now() + watchedMs * timeScale)
  }

  function note(asked: string[], others: string[], byOrder: ReadonlyMap<string | null, PanelServer>): void {
    const now = performance.now()
    const ended = others.flatMap((id) => {
      const found = byOrder.get(id)
      return found && found.status !== 'installing' ? [{ id, found }] : []
    })
    for (const { id, found } of ended) {
      installed.set(id, { found, until: now + newMs * timeScale })
      watched.delete(id)
    }
    for (const [id, until] of watched) if (until < now) watched.delete(id)
    for (const [id, { until }] of installed) if (until < now) installed.delete(id)
    for (const id of asked) {
      watched.delete(id)
      if (byOrder.get(id)?.status !== 'installing') continue
      watch(id)
      times.polledTooSoon(id)
    }
    if (ended.length > 0) onInstalled(ended.map(({ id }) => id))
  }

  return {
    /** A create was answered: its server is on the pages of others before it is polled itself. */
    began(orderId: string, egg: number): void {
      times.began(orderId, egg)
      watch(orderId)
    },
    /** How long an install of the egg takes, in ms; null where none was seen. */
    usualMs: times.usualMs,
    /** Null: the page does not show it, and a request for it alone has to say why. */
    poll(orderId: string): Promise<PanelServer | null> {
      const seen = installed.get(orderId)
      installed.delete(orderId)
      if (seen && seen.until > performance.now()) return Promise.resolve(seen.found)
      // A panel takes a comma for "or", and a blank at an end for nothing.
      if (!/^[\w.:-]+$/.test(orderId)) return Promise.resolve(null)
      return new Promise((answer, fail) => {
        waiting.push({ orderId, answer, fail })
        if (!isUnderWay) void readPages()
      })
    },
    /** Called with orders whose installs have ended, before they are due again. */
    whenInstalled(tell: (orderIds: string[]) => void): void {
      onInstalled = tell
    },
  }
}
