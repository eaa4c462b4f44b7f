import { type AnyEvent, readEvent } from '@spawnpoint/contracts'
import { derivedId } from '@spawnpoint/messaging'
import { eventually } from '@spawnpoint/stack'
import { expect, test, vi } from 'vitest'
import { envSchema } from '../src/env.ts'
import { recoverBilling } from '../src/recovery/recover-billing.ts'
import { openTill, type Till } from './open-till.ts'

vi.setConfig({ testTimeout: 180_000 })

const orderId = (name: string) => derivedId(name, 'order')

test('the gateway continues from an old backup as if nothing had happened, and refunds nothing twice', async () => {
  await using till = await openTill()
  {
    await using _gateway = await till.start()
    await till.sell(orderId('before'))
    await till.subscribeAtStripe(orderId('month-before'))
    await atRest(till)
  }
  await backUp(till)

  const world = await (async () => {
    await using _gateway = await till.start()
    const refunded = await till.sell(orderId('refunded'))
    const parts = await till.sell(orderId('parts'))
    const disputed = await till.sell(orderId('disputed'))
    const { subscriptionId } = await till.subscribeAtStripe(orderId('month'))
    await atRest(till)
    for (const amount of [300, 200]) await till.client.refunds.create({ ...intentOf(parts), amount })
    const { id: dispute } = till.stripe.openDispute(intentOf(disputed))
    till.stripe.moveDispute(dispute, 'won')
    await till.client.subscriptions.update(subscriptionId, { cancel_at_period_end: true })
    const request = await till.requestRefund({ ...refunded, orderId: orderId('refunded') })
    await till.becomes(request, 'done')
    await atRest(till)
    return { refunded, request }
  })()
  const undisturbed = await everything(till)

  await restore(till)
  expect(await everything(till)).not.toEqual(undisturbed)
  const recovered = await recoverBilling(envSchema.parse(till.env))
  expect(recovered.own.restored).toBeGreaterThan(5)
  expect((await everything(till)).published).toEqual(undisturbed.published)

  await using _gateway = await till.start()
  await till.backfill()
  await atRest(till)
  expect(await everything(till)).toEqual(undisturbed)
  expect(await till.refundsOf(world.refunded.payment_intent)).toHaveLength(1)
})

test('what Stripe sent while the gateway was down is published after the recovery', async () => {
  await using till = await openTill()
  {
    await using _gateway = await till.start()
    await till.sell(orderId('early'))
    await atRest(till)
  }
  await backUp(till)
  const { paymentId } = await till.payAtStripe(orderId('unheard'))
  await restore(till)
  await recoverBilling(envSchema.parse(till.env))
  await using _gateway = await till.start()
  await till.backfill()
  await eventually(async () => {
    const published = (await everything(till)).published.map(({ type, subject }) => `${type} ${subject}`)
    expect(published).toContain(`payment.succeeded ${paymentId}`)
  })
})

function intentOf({ payment_intent }: { payment_intent: string }) {
  return { payment_intent }
}

/** Nothing is due any more, here or on the way. */
async function atRest({ prisma }: Till): Promise<void> {
  let before = ''
  await eventually(
    async () => {
      const due = await prisma.stripeEvent.count({ where: { processedAt: null } })
      const unsaid = await prisma.outbox.count({ where: { publishedAt: null } })
      const now = `${await prisma.stripeEvent.count()} ${await prisma.outbox.count()}`
      const isSame = now === before
      before = now
      expect({ due, unsaid, isSame }).toEqual({ due: 0, unsaid: 0, isSame: true })
    },
    { timeoutMs: 40_000, everyMs: 500 },
  )
}

/** The billing state, and all events that were published. */
async function everything({ prisma }: Till) {
  const published = (await prisma.outbox.findMany()).map(({ envelope }) => eventOf(envelope))
  const payments = (await prisma.payment.findMany({ orderBy: { id: 'asc' } })).map((row) =>
    JSON.parse(row.state),
  )
  const subscriptions = await prisma.subscription.findMany({ orderBy: { id: 'asc' } })
  return {
    published: published.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    payments,
    subscriptions: subscriptions.map((row) => JSON.parse(row.state)),
    refunds: (await prisma.refund.findMany({ orderBy: { id: 'asc' } })).map(
      ({ asOf: _, ...refund }) => refund,
    ),
    disputes: (await prisma.dispute.findMany({ orderBy: { id: 'asc' } })).map(
      ({ asOf: _, ...dispute }) => dispute,
    ),
    requests: (await prisma.refundRequest.findMany({ orderBy: { id: 'asc' } })).map(
      ({ id, status, refundId, amount }) => ({ id, status, refundId, amount }),
    ),
  }
}

function eventOf(envelope: string): AnyEvent {
  const event = readEvent(envelope)
  if ('problem' in event) throw new Error(event.problem.message)
  return event
}

async function backUp({ prisma }: Till): Promise<void> {
  for (const table of await tablesOf(prisma)) {
    await prisma.$executeRawUnsafe(`CREATE TABLE \`backup_${table}\` LIKE \`${table}\``)
    await prisma.$executeRawUnsafe(`INSERT INTO \`backup_${table}\` SELECT * FROM \`${table}\``)
  }
}

async function restore({ prisma }: Till): Promise<void> {
  for (const table of await tablesOf(prisma)) {
    await prisma.$executeRawUnsafe(`DELETE FROM \`${table}\``)
    await prisma.$executeRawUnsafe(`INSERT INTO \`${table}\` SELECT * FROM \`backup_${table}\``)
  }
}

async function tablesOf(prisma: Till['prisma']): Promise<string[]> {
  const rows = await prisma.$queryRawUnsafe<{ name: string }[]>(
    'SELECT table_name AS name FROM information_schema.tables WHERE table_schema = DATABASE()',
  )
  return rows
    .map(({ name }) => name)
    .filter((name) => !name.startsWith('backup_') && name !== '_prisma_migrations')
}
