import { awaitAcknowledged, lastSequence } from '../sale-path/await-acknowledged.ts'
import { fillJournal, releaseJournal } from '../sale-path/journal.ts'
import { linkPayment } from '../sale-path/link-payment.ts'
import { countDeadLetters, countRows, type SalePath } from '../sale-path/open-sale-path.ts'
import { type ProcessorTime, watchProcessorTime } from '../sale-path/processor-time.ts'

export type Sample = { ordersPerSecond: number; processor: ProcessorTime }
type Side = { maxBatch: number; orders: number; warmUp: number }

/** Each sample has services that were started for it and orders of its own, and counts at the end that all of them arrived. */
export async function createSampler(
  salePath: SalePath,
  { print, signal }: { print: (line: string) => void; signal: AbortSignal },
): Promise<(side: Side) => Promise<Sample>> {
  const { databases, natsConnection, gateway } = salePath
  const before = await lastSequence(natsConnection, 'ORDER')
  let paid = 0

  /** From the moment they are due until the provisioner has handled the last of them, in ms. */
  async function send(orders: number): Promise<number> {
    paid += orders
    const begun = await releaseJournal(databases.billing, gateway)
    const over = await awaitAcknowledged(natsConnection, {
      stream: 'ORDER',
      consumer: 'provisioner-order',
      until: before + paid,
      signal,
    })
    return over - begun
  }

  return async ({ maxBatch, orders, warmUp }) => {
    await restart(salePath, maxBatch)
    await fillJournal(databases.billing, payments(warmUp))
    await send(warmUp)
    await fillJournal(databases.billing, payments(orders))
    const processorTime = watchProcessorTime(salePath)
    const tookMs = await send(orders)
    const processor = processorTime(orders)
    await verify(databases, paid)
    const ordersPerSecond = (orders * 1_000) / tookMs
    print(
      `batches of ${maxBatch}: ${orders} orders in ${Math.round(tookMs)} ms, ${Math.round(ordersPerSecond)} a second`,
    )
    return { ordersPerSecond, processor }
  }
}

function payments(count: number) {
  return Array.from({ length: count }, (_, index) => linkPayment(`buyer-${index}`).event)
}

async function restart({ stack: { services } }: SalePath, maxBatch: number): Promise<void> {
  const all = Object.values(services)
  // It waits for a panel that never answers, and would stop late.
  await services.provisioner.kill()
  await Promise.all(all.map((service) => service.stop()))
  await Promise.all(all.map((service) => service.start({ env: { MAX_BATCH: String(maxBatch) } })))
}

async function verify(databases: SalePath['databases'], paid: number): Promise<void> {
  const counts = {
    'orders that are paid': await countRows(databases.orders, 'orders', "status = 'paid'"),
    'servers that are wanted': await countRows(databases.provisioner, 'server', "desired = 'running'"),
    'order.paid that were consumed': await countRows(
      databases.provisioner,
      'inbox',
      "type = 'order.paid' AND outcome = 'done'",
    ),
  }
  for (const [what, count] of Object.entries(counts))
    if (count !== paid) throw new Error(`${count} ${what}, where ${paid} were paid`)
  const dead = await countDeadLetters(databases)
  if (dead > 0) throw new Error(`${dead} dead letters`)
}
