import type { Panel } from '../panel-types/panel.ts'
import type { PanelServer } from '../panel-types/resources.ts'

export type PollServer = ReturnType<typeof createPollServer>

type Asked = {
  orderId: string
  answer: (found: PanelServer | null) => void
  fail: (error: unknown) => void
}

const mostAtOnce = 50

/**
 * Observes a server that is being installed. Requests that arrive while a page is under way share the next one: the
 * panel limits calls. Null: the page does not show it, and a request for it alone has to say why.
 */
export function createPollServer(panel: Panel) {
  const waiting: Asked[] = []
  let isUnderWay = false

  async function readPages(): Promise<void> {
    isUnderWay = true
    while (waiting.length > 0) await readPage(panel, waiting.splice(0, mostAtOnce))
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
