import { setTimeout as delay } from 'node:timers/promises'
import { derivedId } from '@spawnpoint/messaging'
import type { Owned } from '@spawnpoint/stack'
import { atEach } from '../sale-path/at-each.ts'
import { followStream } from '../sale-path/follow-stream.ts'
import { linkPayment } from '../sale-path/link-payment.ts'
import { countDeadLetters, type SalePath } from '../sale-path/open-sale-path.ts'
import { signedPost } from '../sale-path/send-webhook.ts'
import type { Passage } from './hops.ts'

const patienceMs = 60_000

/** Buyers who pay at a steady rate, each for the first time, and when the news of their servers came. */
export async function openOffer(
  { natsConnection, gateway, panel, databases }: SalePath,
  { started, signal }: { started: Owned; signal: AbortSignal },
) {
  const passages = new Map<string, Passage>()
  for (const stream of ['BILLING', 'ORDER', 'SERVER'] as const)
    started.own(
      await followStream(natsConnection, stream, ({ type, subject }, storedAt) => {
        const passage = passages.get(stream === 'BILLING' ? derivedId(subject, 'order') : subject)
        passage?.received.set(type, { storedAt, handedAt: now() })
      }),
    )

  async function sendOne(): Promise<Passage> {
    const { event, orderId } = linkPayment(`buyer-${passages.size}`)
    const post = signedPost(gateway, event)
    const passage: Passage = { sentAt: now(), answeredAt: Number.NaN, received: new Map() }
    passages.set(orderId, passage)
    await post()
    passage.answeredAt = now()
    return passage
  }

  async function arrivalOf(sent: Passage[]): Promise<void> {
    const deadline = performance.now() + patienceMs
    for (;;) {
      const missing = sent.filter(({ received }) => !received.has('server.provisioned')).length
      if (missing === 0) return
      if (performance.now() > deadline)
        throw new Error(`${missing} of ${sent.length} paid orders have no server`)
      await delay(20, undefined, { signal })
    }
  }

  return {
    /** How each of them passed. */
    async send({ orders, perSecond }: { orders: number; perSecond: number }): Promise<Passage[]> {
      const sent = await atEach({ times: orders, perSecond, signal }, sendOne)
      await arrivalOf(sent)
      return sent
    },
    /** Throws unless each order has exactly one server. */
    async verify(): Promise<void> {
      const servers = panel.state().servers.filter(({ external_id }) => passages.has(external_id ?? ''))
      const distinct = new Set(servers.map(({ external_id }) => external_id))
      if (servers.length !== passages.size || distinct.size !== passages.size)
        throw new Error(`${passages.size} orders have ${servers.length} servers`)
      const dead = await countDeadLetters(databases)
      if (dead > 0) throw new Error(`${dead} dead letters`)
    },
  }
}

/** In ms since 1970, by JetStream's clock. */
function now(): number {
  return performance.timeOrigin + performance.now()
}
