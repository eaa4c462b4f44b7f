import { eventually } from '@spawnpoint/stack'
import { takeSample } from '../ingest/take-sample.ts'
import type { Database } from '../testbed/database.ts'
import { cancelledOrders, failedPayments } from '../testbed/events.ts'
import { fillOutbox, untilRelayed } from '../testbed/outbox.ts'
import { messageOf } from '../testbed/stream.ts'
import type { Side } from './side.ts'

/** So many a second, of one sample that takes about so long. */
export type Measure = (side: Side, sample: { series: string; seconds: number }) => Promise<number>

/** Signed webhooks over 64 connections, stored and answered 200. */
export const ingest: Measure = async ({ port, requests, billing }, { seconds }) => {
  const before = await newestSeq(billing)
  const settle = async ({ events }: { events: number }) => {
    const [row] = await billing.query<{ stored: number }>(
      'SELECT COUNT(*) AS stored FROM stripe_event WHERE seq > ?',
      [before],
    )
    if (row?.stored !== events)
      throw new Error(`${events} webhooks were answered 200, ${row?.stored} are stored`)
    // Its translator would go on, and cost the side that is measured next. It may have some of them locked.
    await eventually(() => billing.execute('DELETE FROM stripe_event WHERE seq > ?', [before]))
    await untilRelayed(billing)
    return { translated: 0 }
  }
  const { perSecond } = await takeSample({ port, settle }, { requests, connections: 64, seconds })
  return perSecond
}

/** Rows of the gateway's outbox, published and marked. */
export const relay: Measure = async ({ billing, gatewayStream }, { series, seconds }) => {
  const events = failedPayments(series, Math.round(12_000 * seconds))
  const before = await gatewayStream.length()
  const begun = await fillOutbox(billing, events)
  gatewayStream.call('relay.wake.BILLING')
  const ended = await untilRelayed(billing)
  const grown = (await gatewayStream.length()) - before
  if (grown !== events.length)
    throw new Error(`${events.length} events were relayed, ${grown} are in the stream`)
  return perSecond(events.length, begun, ended)
}

/** Orders that the provisioner consumes: marked in its inbox, kept in its table of servers, acknowledged. */
export const consume: Measure = async ({ provisioner, orderStream }, { series, seconds }) => {
  const orders = cancelledOrders(series, Math.round(1_500 * seconds))
  const begun = performance.now()
  await orderStream.publish(orders.map(messageOf))
  await orderStream.untilAcknowledged('provisioner-order')
  const tookMs = performance.now() - begun
  const [row] = await provisioner.query<{ consumed: number }>(
    "SELECT COUNT(*) AS consumed FROM inbox WHERE event_id IN (?) AND outcome = 'done'",
    [orders.map(({ id }) => id)],
  )
  if (row?.consumed !== orders.length)
    throw new Error(`Of ${orders.length} orders ${row?.consumed} were consumed`)
  return (1_000 * orders.length) / tookMs
}

/** Servers that are due: claimed, looked up on the panel, which has none of them, and recorded. */
export const claim: Measure = async (side, { series, seconds }) => {
  const { provisioner } = side
  const orders = cancelledOrders(`due-${series}`, Math.round(200 * seconds))
  await side.orderStream.publish(orders.map(messageOf))
  await side.orderStream.untilAcknowledged('provisioner-order')
  const ids = orders.map(({ subject }) => subject)
  await provisioner.execute(
    "UPDATE server SET next_attempt_at = UTC_TIMESTAMP(3), updated_at = '2000-01-01' WHERE order_id IN (?)",
    [ids],
  )
  await eventually(async () => {
    const due = await provisioner.query(
      'SELECT order_id FROM server WHERE next_attempt_at IS NOT NULL LIMIT 1',
    )
    if (due.length > 0) throw new Error('Servers stay due')
  }, patience)
  const [row] = await provisioner.query<{ first: Date; last: Date; recorded: number }>(
    `SELECT MIN(updated_at) AS first, MAX(updated_at) AS last, COUNT(*) AS recorded FROM server
     WHERE order_id IN (?) AND updated_at > '2000-01-01'`,
    [ids],
  )
  if (row?.recorded !== ids.length)
    throw new Error(`Of ${ids.length} due servers ${row?.recorded} were recorded`)
  return perSecond(ids.length, row.first, row.last)
}

const patience = { timeoutMs: 120_000, everyMs: 50 }

async function newestSeq(billing: Database): Promise<number> {
  const [row] = await billing.query<{ seq: number | null }>('SELECT MAX(seq) AS seq FROM stripe_event')
  return row?.seq ?? 0
}

function perSecond(count: number, begun: Date, ended: Date): number {
  return (1_000 * count) / (ended.getTime() - begun.getTime())
}
