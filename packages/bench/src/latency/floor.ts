import type { Owned } from '@spawnpoint/stack'
import { atEach } from '../sale-path/at-each.ts'
import { linkPayment } from '../sale-path/link-payment.ts'
import type { SalePath } from '../sale-path/open-sale-path.ts'
import { openBarePanel } from './bare-panel.ts'
import { openBareStream } from './bare-stream.ts'
import { openBareTables } from './bare-tables.ts'

/**
 * What one order of a new buyer costs on the sale path even where nothing is decided: eleven commits, four publishes and five
 * panel calls, each awaited before the next. Rows are copies of real ones in copies of the services' tables, so that they
 * are as long and have the same indexes, written by prepared statements; messages are copies of real ones in a stream set
 * up like the services'. What nobody on the sale path waits for is left out: marks of the relays, acknowledgements, what the
 * order service makes of the news. So is everything that only reads the database.
 */
export async function openFloor(
  salePath: SalePath,
  { started, nodes, signal }: { started: Owned; nodes: number[]; signal: AbortSignal },
) {
  const bare = {
    tables: await openBareTables(salePath, started),
    stream: await openBareStream(salePath, started),
    panel: openBarePanel(salePath, nodes),
  }
  let last: Promise<unknown> = Promise.resolve()

  /** In ms. One that is late waits for its turn, which is not counted. */
  function takeOrder(): Promise<number> {
    const taken = last.then(async () => {
      const { event, orderId } = linkPayment('bare')
      const begun = performance.now()
      await payAndOrder(bare, { eventId: event.id, orderId })
      await provision(bare, orderId)
      return performance.now() - begun
    })
    last = taken.catch(() => {})
    return taken
  }

  return {
    run: ({ orders, perSecond }: { orders: number; perSecond: number }): Promise<number[]> =>
      atEach({ times: orders, perSecond, signal }, takeOrder),
  }
}

type Bare = {
  tables: Awaited<ReturnType<typeof openBareTables>>
  stream: Awaited<ReturnType<typeof openBareStream>>
  panel: ReturnType<typeof openBarePanel>
}

async function payAndOrder(
  { tables: { insert, update, commit, envelopes }, stream }: Bare,
  { eventId, orderId }: { eventId: string; orderId: string },
): Promise<void> {
  const [paymentSaid, orderSaid] = [idOf(orderId, 1), idOf(orderId, 2)]
  // The webhook is stored.
  await insert('billing', 'stripe_event', { event_id: eventId })
  // It is translated.
  await commit(async () => {
    await insert('billing', 'payment', { id: eventId })
    await insert('billing', 'outbox', { event_id: paymentSaid })
    await update('billing', 'stripe_event', { event_id: eventId }, { outcome: 'paid' })
  })
  await stream.publish('payment.succeeded', paymentSaid, envelopes.payment)
  // Its order begins.
  await commit(async () => {
    await insert('orders', 'inbox', { event_id: paymentSaid })
    await insert('orders', 'orders', { id: orderId })
    await insert('orders', 'order_history', { order_id: orderId })
    await insert('orders', 'outbox', { event_id: orderSaid })
    await update('orders', 'inbox', { event_id: paymentSaid }, { outcome: 'paid' })
  })
  await stream.publish('order.paid', orderSaid, envelopes.order)
  // Its server is wanted.
  await commit(async () => {
    await insert('provisioner', 'inbox', { event_id: orderSaid })
    await insert('provisioner', 'server', { order_id: orderId })
    await update('provisioner', 'inbox', { event_id: orderSaid }, { outcome: 'paid' })
  })
}

async function provision(
  { tables: { insert, update, commit, envelopes }, stream, panel }: Bare,
  orderId: string,
): Promise<void> {
  const [provisioningSaid, provisionedSaid] = [idOf(orderId, 3), idOf(orderId, 4)]
  const key = { order_id: orderId }
  // Somebody takes it, looks, and goes on.
  await update('provisioner', 'server', key, { lease_token: idOf(orderId, 5) })
  await panel.lookup(orderId)
  await update('provisioner', 'server', key, { lease_token: idOf(orderId, 6) })
  const user = await panel.makeUser(`${orderId}@example.com`)
  await insert('provisioner', 'panel_user', { customer_key: idOf(orderId, 7) })
  const allocation = await panel.findPort()
  await insert('provisioner', 'allocation_claim', { ...key, allocation_id: allocation })
  // The create is intended, sent, and written down.
  await update('provisioner', 'server', key, { generation: 2 })
  await panel.create({ orderId, user, allocation })
  await commit(async () => {
    await update('provisioner', 'server', key, { status: 'provisioning' })
    await insert('provisioner', 'outbox', { event_id: provisioningSaid })
  })
  await stream.publish('server.provisioning', provisioningSaid, envelopes.server)
  // It is looked at again, and installed.
  await panel.lookup(orderId)
  await commit(async () => {
    await update('provisioner', 'server', key, { status: 'installed' })
    await insert('provisioner', 'outbox', { event_id: provisionedSaid })
  })
  await stream.publish('server.provisioned', provisionedSaid, envelopes.server)
}

/** As long as a UUID, and different for each order and use. */
function idOf(orderId: string, use: number): string {
  return `${use}${orderId.slice(1)}`
}
