import { setTimeout as delay } from 'node:timers/promises'
import type { Panel } from '../panel-types/panel.ts'
import type { PanelServer } from '../panel-types/resources.ts'

export type PollServer = ReturnType<typeof createPollServer>

type Asked = {
  orderId: string
  answer: (found: PanelServer | null) => void
  fail: (error: unknown) => void
}

const mostOnPage = 100

/**
 * Observes servers that are being installed. Whoever asks shares the next page: there is one a second at most, and one every two seconds
 * where the panel's calls are short. Null: the page does not show it, and a request for it alone has to say why.
 */
export function createPollServer(panel: Panel, { timeScale }: { timeScale: number }) {
  const waiting: Asked[] = []
  let lastAt = Number.NEGATIVE_INFINITY
  let isUnderWay = false

  function gapMs(): number {
    const { calls_a_minute: limit, calls_left: left, calls_waiting } = panel.state()
    const isShort = calls_waiting > 0 || (limit !== null && left !== null && left < limit / 2)
    return (isShort ? 2_000 : 1_000) * timeScale
  }

  async function readPages(): Promise<void> {
    isUnderWay = true
    while (waiting.length > 0) {
      const earlyMs = lastAt + gapMs() - performance.now()
      if (earlyMs > 0) await delay(earlyMs)
      lastAt = performance.now()
      await readPage(panel, waiting.splice(0, mostOnPage))
    }
    isUnderWay = false
  }

  return (orderId: string): Promise<PanelServer | null> => {
    // A panel takes a comma for "or", and a blank at an end for nothing.
    if (!/^[\w.:-]+$/.test(orderId)) return Promise.resolve(null)
    return new Promise((answer, fail) => {
      waiting.push({ orderId, answer, fail })
      if (!isUnderWay) void readPages()
    })
  }
}

async function readPage(panel: Panel, asked: Asked[]): Promise<void> {
  try {
    const servers = await panel.serversOfOrders(asked.map(({ orderId }) => orderId))
    // The panel finds them by parts of an id too.
    for (const { orderId, answer } of asked)
      answer(servers.find(({ external_id }) => external_id === orderId) ?? null)
  } catch (error) {
    for (const { fail } of asked) fail(error)
  }
}
