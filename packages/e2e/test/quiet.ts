import { connectNats, type Nats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually } from '@spawnpoint/stack'
import { expect } from 'vitest'
import { inMysql } from './in-mysql.ts'
import type { Shop } from './shop.ts'

const log = createLogger({ service: 'test', level: 'silent' })

/**
 * Waits until nothing moves: Stripe has delivered its events, each is processed, what follows from it is published and consumed,
 * no order is due at Stripe's time and no server is being worked on.
 */
export async function quiet(shop: Shop): Promise<void> {
  const nats = connectNats({ url: shop.stack.nats.url, name: 'quiet', log })
  let before: unknown
  try {
    await eventually(
      async () => {
        const { underWay, written } = await movementOf(shop, nats)
        const isStill = JSON.stringify(written) === JSON.stringify(before)
        before = written
        expect(underWay).toEqual(nothing)
        // What was read first may have moved on while the last was read: it has not when two looks are alike.
        expect(isStill, `written since the last look: ${JSON.stringify(written)}`).toBe(true)
      },
      { timeoutMs: 30_000, everyMs: 50 },
    )
  } finally {
    await nats.close()
  }
}

const nothing = { journal: 0, outboxes: 0, consumers: 0, orders: 0, servers: 0 }

async function movementOf({ stripe, stack }: Shop, nats: Nats) {
  const { billing, orders, provisioner } = stack.databases
  const count = async (url: string, what: string, values: unknown[] = []) => {
    const rows = await inMysql<{ n: bigint }[]>(url, `SELECT COUNT(*) AS n FROM ${what}`, values)
    return Number(rows[0]?.n)
  }
  const all = async (what: string) =>
    await Promise.all([billing, orders, provisioner].map((url) => count(url, what)))
  // A move by nothing waits for the webhooks that are on their way.
  await stripe.moveClock({ advance_seconds: 0 })
  return {
    underWay: {
      journal: await count(billing, "stripe_event WHERE processed_at IS NULL OR waiting_for LIKE 'look:%'"),
      outboxes: (await all('outbox WHERE published_at IS NULL')).reduce((sum, n) => sum + n),
      consumers: await unreadOf(nats),
      orders: await count(orders, 'orders WHERE money_due_at <= ?', [new Date(stripe.now() + 2_000)]),
      servers: await count(
        provisioner,
        'server WHERE next_attempt_at IS NOT NULL OR lease_token IS NOT NULL',
      ),
    },
    written: [stripe.deliveries().length, ...(await all('outbox'))],
  }
}

async function unreadOf(nats: Nats): Promise<number> {
  const { streams, consumers } = await (await nats.connection()).jetstreamManager()
  let unread = 0
  for (const { config } of await streams.list().next())
    for (const { num_pending, num_ack_pending } of await consumers.list(config.name).next())
      unread += num_pending + num_ack_pending
  return unread
}
