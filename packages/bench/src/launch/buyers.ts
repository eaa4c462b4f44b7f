import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Owned } from '@spawnpoint/stack'
import { atEach } from '../sale-path/at-each.ts'
import { sold } from '../sale-path/catalogue.ts'
import { followStream } from '../sale-path/follow-stream.ts'
import type { SalePath } from '../sale-path/open-sale-path.ts'

/** One buyer; times in ms since 1970. */
export type Purchase = {
  email: string
  orderedAt: number
  /** How the shop's request was answered: 201 is an order with a checkout. */
  status: number
  refusal: string | null
  answeredAt: number
  orderId: string | null
  paidAt: number
  provisionedAt: number
}

export type Wanted = { buyers: number; inSeconds: number; emailOf?: (index: number) => string }

/** Buyers who order through the shop's API at a steady rate and pay a second later. */
export async function openBuyers(
  { stack, natsConnection }: SalePath,
  { started, signal }: { started: Owned; signal: AbortSignal },
) {
  const createdAt = new Map<string, number>()
  const provisionedAt = new Map<string, number>()
  started.own(
    await followStream(natsConnection, 'SERVER', ({ type, subject }, storedAt) => {
      if (type === 'server.provisioning' && !createdAt.has(subject)) createdAt.set(subject, storedAt)
      if (type === 'server.provisioned' && !provisionedAt.has(subject)) provisionedAt.set(subject, storedAt)
    }),
  )
  const launches = { count: 0 }
  const paidAt = new Map<string, number>()

  async function buy(email: string): Promise<Purchase> {
    const orderedAt = Date.now()
    const response = await fetch(`${stack.services.order.url}/orders`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${stack.apiKey}`,
        'content-type': 'application/json',
        'idempotency-key': randomUUID(),
      },
      body: JSON.stringify({
        plan: sold.plan,
        region: sold.region,
        customer: { email, name: 'Launch Buyer' },
        server_name: 'Launch',
      }),
    })
    const body = (await response.json()) as { id?: string; checkout_url?: string; code?: string }
    const purchase: Purchase = {
      email,
      orderedAt,
      status: response.status,
      refusal: body.code ?? null,
      answeredAt: Date.now(),
      orderId: body.id ?? null,
      paidAt: Number.NaN,
      provisionedAt: Number.NaN,
    }
    if (response.status !== 201 || !body.checkout_url) return purchase
    await delay(1_000, undefined, { signal })
    const session = new URL(body.checkout_url).pathname.split('/').at(-1) ?? ''
    purchase.paidAt = Date.now()
    paidAt.set(body.id ?? '', purchase.paidAt)
    stack.stripe?.pay(session, 'paid', { email, name: 'Launch Buyer' })
    return purchase
  }

  return {
    /** All of them have ordered, and paid where they were let. */
    async buy({ buyers, inSeconds, emailOf }: Wanted): Promise<Purchase[]> {
      const launch = launches.count++
      let next = 0
      const email = emailOf ?? ((index: number) => `buyer-${launch}-${index}@example.com`)
      return await atEach({ times: buyers, perSecond: buyers / inSeconds, signal }, () => buy(email(next++)))
    },
    /** Who has paid and has no server yet, in the order of payment. */
    waiting: (): string[] => [...paidAt.keys()].filter((id) => !createdAt.has(id)),
    /** When the panel had the server; NaN where it has none. */
    createdAt: (orderId: string): number => createdAt.get(orderId) ?? Number.NaN,
    lastCreatedAt: (): number => Math.max(...createdAt.values()),
    /** Fills in when each got its server; waits for all of them, or for so long. */
    async arrivals(purchases: Purchase[], patienceMs: number): Promise<Purchase[]> {
      const paid = purchases.filter(({ paidAt }) => !Number.isNaN(paidAt))
      const deadline = Date.now() + patienceMs
      while (Date.now() < deadline && paid.some(({ orderId }) => !provisionedAt.has(orderId ?? '')))
        await delay(50, undefined, { signal })
      for (const purchase of paid)
        purchase.provisionedAt = provisionedAt.get(purchase.orderId ?? '') ?? Number.NaN
      return paid
    },
  }
}
