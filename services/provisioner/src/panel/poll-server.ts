import type { PanelClient } from './panel-client.ts'
import { type PanelServer, page, serverAttributes } from './resources.ts'

export type PollServer = ReturnType<typeof createPollServer>

type Asked = {
  orderId: string
  answer: (found: PanelServer | null) => void
  fail: (error: unknown) => void
}

const mostAtOnce = 50

/**
 * Looks at a server that is being installed. Those that are asked for while a page is under way come together on the next: the
 * panel counts calls. Null: the page does not show it, and a look at it alone has to say why.
 */
export function createPollServer(panel: PanelClient) {
  const waiting: Asked[] = []
  let isUnderWay = false

  async function readPages(): Promise<void> {
    isUnderWay = true
    while (waiting.length > 0) await readPage(panel, waiting.splice(0, mostAtOnce))
    isUnderWay = false
  }

  return (orderId: string): Promise<PanelServer | null> => {
    // The panel takes a comma for "or", and a blank at an end for nothing.
    if (!/^[\w.:-]+$/.test(orderId)) return Promise.resolve(null)
    return new Promise((answer, fail) => {
      waiting.push({ orderId, answer, fail })
      if (!isUnderWay) void readPages()
    })
  }
}

async function readPage(panel: PanelClient, asked: Asked[]): Promise<void> {
  try {
    const ids = asked.map(({ orderId }) => orderId).join(',')
    const path = `/servers?filter[external_id]=${ids}&include=allocations&per_page=100`
    const { items } = await panel.call(path, page(serverAttributes), { urgency: 'poll' })
    // The filter finds parts of an id too.
    for (const { orderId, answer } of asked)
      answer(items.find(({ external_id }) => external_id === orderId) ?? null)
  } catch (error) {
    for (const { fail } of asked) fail(error)
  }
}
