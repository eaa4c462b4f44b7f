import { billingStatement, type Payment, serverStatement } from '@spawnpoint/contracts'
import { againAfterRaces, sql } from '@spawnpoint/database'
import { answerRequests, connectNats } from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { owning } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { payment } from './fixtures.ts'
import { openShop, type Shop } from './open-shop.ts'

const owned = owning()
let shop: Shop
let known: Payment

beforeAll(async () => {
  shop = owned.own(await openShop())
  const log = createLogger({ service: 'test', level: 'silent' })
  const nats = connectNats({ url: shop.nats.url, name: 'neighbours', log })
  owned.own({ [Symbol.asyncDispose]: () => nats.close() })
  const answers = [
    answerRequests({
      nats,
      contract: billingStatement,
      handle: async ({ of }) => ({
        payments: of === 'payments' ? [known] : [],
        subscriptions: [],
        next: null,
      }),
      log,
    }),
    answerRequests({
      nats,
      contract: serverStatement,
      handle: async ({ order_ids }) => ({
        servers: order_ids.map((order_id) => ({
          ...{ order_id, version: 0, order_version: 9, status: 'waiting' as const, desired: 'running' },
          ...{ error_class: null, error_message: null, ptero_server_id: null, is_gone: false },
        })),
      }),
      log,
    }),
  ]
  for (const answer of answers) owned.own({ [Symbol.asyncDispose]: () => answer.stop() })
  await (await nats.connection()).flush()
}, 60_000)
afterAll(() => owned[Symbol.asyncDispose]())

test('a discrepancy stays while its order changes, and is resolved once both agree', async () => {
  const paid = payment({ payment_id: 'cs_busy', plan: 'small', region: 'eu' })
  await shop.publishPayment(paid)
  const { id } = await shop.orderPaidBy('cs_busy')
  known = { ...paid, version: 2, refunded: 9 }
  await changedAt(id, '2026-01-01')
  expect(await reconcile()).toMatchObject({ payments: 1, orders: 1, found: 1, told: 1, over: 0 })

  await changedAt(id, new Date())
  expect(await reconcile()).toMatchObject({ found: 0, told: 0, over: 0 })
  expect(await stateOf(id)).toBe('open')

  await changedAt(id, '2026-01-01')
  expect(await reconcile()).toMatchObject({ found: 1, told: 0, over: 0 })
  known = paid
  expect(await reconcile()).toMatchObject({ found: 0, told: 0, over: 1 })
  expect(await stateOf(id)).toBe('over')
})

function changedAt(id: string, at: Date | string) {
  return againAfterRaces(() =>
    shop.prisma.$executeRaw(sql`UPDATE orders SET updated_at = ${at} WHERE id = ${id}`),
  )
}

async function reconcile(): Promise<unknown> {
  return await (await shop.send('POST', '/admin/reconcile')).json()
}

async function stateOf(orderId: string): Promise<string | undefined> {
  return (await shop.prisma.discrepancy.findFirst({ where: { orderId } }))?.state
}
