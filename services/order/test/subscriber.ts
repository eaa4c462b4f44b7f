import type { Payment, Subscription } from '@spawnpoint/contracts'
import { inTransaction } from '@spawnpoint/database'
import { eventually } from '@spawnpoint/stack'
import { expect } from 'vitest'
import { payment, server, subscription } from './fixtures.ts'
import type { Shop } from './open-shop.ts'

type Shown = {
  status: string
  billing_status: string
  desired: string
  plan: string
  money: { paid_until: string | null }
  history: { note: string | null }[]
}

/** Time from now in days, as an event has it. */
export function inDays(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString()
}

function nextPeriodEnd({ paid_until }: Subscription): string {
  return new Date(Date.parse(paid_until ?? '') + 30 * 86_400_000).toISOString()
}

/** A customer who pays by the month, with a server that runs, and the words of Stripe about both. */
export async function subscribe(
  shop: Shop,
  subscription_id: string,
  {
    plan = 'monthly',
    paidUntil = inDays(30),
    amount = 999,
    withServer = true,
  }: { plan?: string; paidUntil?: string; amount?: number; withServer?: boolean } = {},
) {
  let version = 1
  let state = subscription({
    ...{ subscription_id, plan, order_id: null, paid_until: paidUntil, current_period_end: paidUntil },
  })
  const first = payment({
    ...{ payment_id: subscription_id, subscription_id, plan, region: 'eu', paid_until: paidUntil },
    paid: { amount, currency: 'eur' },
  })
  shop.gateway.has(state)
  await shop.publishPayment(first)
  const { id } = await shop.orderPaidBy(subscription_id)
  await shop.publishSubscription(state)
  // Some words name the order, and some do not.
  state = { ...state, order_id: id }
  if (withServer) await shop.publishServer(server({ order_id: id, version: 1 }))

  async function read(): Promise<Shown> {
    return (await (await shop.send('GET', `/orders/${id}`)).json()) as Shown
  }
  /** At Stripe, without an event. */
  function changesAtStripe(changes: Partial<Subscription>): Subscription {
    version += 1
    // Stripe moves the period when it renews, before it collects.
    const isUnpaid = ['past_due', 'unpaid', 'paused'].includes(changes.status ?? '')
    const renewed = isUnpaid ? { current_period_end: nextPeriodEnd(state) } : {}
    state = { ...state, ...renewed, ...changes, version }
    shop.gateway.has(state)
    return state
  }
  const self = {
    id,
    first,
    read,
    changesAtStripe,
    state: () => state,
    publishes: (changes: Partial<Subscription>) => shop.publishSubscription(changesAtStripe(changes)),
    pays: (invoice: string, changes: Partial<Payment> = {}) =>
      shop.publishPayment(
        payment({ payment_id: invoice, kind: 'renewal', subscription_id, plan, region: 'eu', ...changes }),
      ),
    /** Its server follows, as the provisioner says it. */
    serverIs: (status: 'provisioned' | 'suspended' | 'terminated' | 'failed', serverVersion: number) =>
      shop.publishServer(
        server({
          order_id: id,
          version: serverVersion,
          status,
          ...(status === 'terminated' ? { ptero_server_id: null } : {}),
        }),
      ),
    /** As if all that is known of it had happened so many days earlier. */
    async passes(days: number): Promise<void> {
      const earlier = (at: Date) => new Date(at.getTime() - days * 86_400_000)
      const inText = (json: string | null) =>
        json?.replace(/"\d{4}-\d\d-\d\dT[\d:.]+Z"/g, (at) =>
          JSON.stringify(earlier(new Date(JSON.parse(at)))),
        ) ?? null
      // Stripe knows the same times: what it reports later still fits.
      state = JSON.parse(inText(JSON.stringify(state)) ?? '')
      shop.gateway.has(state)
      await inTransaction(shop.prisma, async (tx) => {
        await tx.$queryRaw`SELECT id FROM orders WHERE id = ${id} FOR UPDATE`
        const { money, warning, suspendedAt } = await tx.order.findUniqueOrThrow({ where: { id } })
        const data = { money: inText(money), warning: inText(warning), moneyDueAt: new Date() }
        await tx.order.update({
          where: { id },
          data: { ...data, suspendedAt: suspendedAt && earlier(suspendedAt) },
        })
      })
    },
    becomes: (expected: object) =>
      eventually(async () => expect(await read()).toMatchObject(expected), { timeoutMs: 20_000 }),
    async said(): Promise<string[]> {
      const events = await shop.prisma.outbox.findMany({ where: { key: id }, orderBy: { seq: 'asc' } })
      return events.map(({ subject }) => subject)
    },
    async lastSaid(type: string) {
      const [event] = await shop.prisma.outbox.findMany({
        where: { key: id, subject: type },
        orderBy: { seq: 'desc' },
        take: 1,
      })
      return JSON.parse(event?.envelope ?? '{}')
    },
  }
  await self.becomes(withServer ? { status: 'provisioned' } : { status: 'paid' })
  await self.becomes({ money: { subscription_id, subscription_status: 'active' } })
  return self
}
