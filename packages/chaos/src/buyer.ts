import { setTimeout as delay } from 'node:timers/promises'
import type { StripeSimulator } from '@spawnpoint/stripe-simulator'
import { plans, region } from './catalogue.ts'
import type { PlannedOrder } from './schedule-orders.ts'
import type { Shop } from './shop.ts'

/** The rig's own note of what it did: the ledger's left side. */
export type Receipt = {
  order: PlannedOrder
  /** As the order API answered; null for an order that its payment begins, and when the shop never took it. */
  orderId: string | null
  /** The Stripe session; null when there was never a payment page. */
  sessionId: string | null
  /** Null for what is paid once, and when nothing was paid. */
  subscriptionId: string | null
  paid: { amount: number; currency: string } | null
  expired: boolean
  /** It takes so many attempts to place an order while everything breaks. */
  attempts: number
}

export type Market = { stripe: StripeSimulator; shop: Shop; timeScale: number; giveUp: AbortSignal }

/** One buyer's way from wanting a server to having paid for it, or not. */
export async function buy(market: Market, order: PlannedOrder): Promise<Receipt> {
  const receipt: Receipt = {
    order,
    orderId: null,
    sessionId: null,
    subscriptionId: null,
    paid: null,
    expired: false,
    attempts: 0,
  }
  if (order.from === 'link' && order.plan !== 'once') return await subscribeAtLink(market, receipt)
  if (order.from === 'shop') await place(market, receipt)
  else receipt.sessionId = await openLink(market, order)
  if (receipt.sessionId === null) return receipt
  await delay(order.thinkMs)
  await atThePage(market, receipt, receipt.sessionId)
  return receipt
}

/** The same request with the same key until it is answered: what a shop does while the order service is away. */
async function place({ shop, giveUp }: Market, receipt: Receipt): Promise<void> {
  for (; !giveUp.aborted; await delay(pauseMs(receipt))) {
    receipt.attempts++
    const placed = await shop.place(receipt.order)
    if (!placed) continue
    receipt.orderId = placed.id
    receipt.sessionId = new URL(placed.checkout_url).pathname.split('/').at(-1) ?? null
    return
  }
}

// As a shop would: each time twice as long, and not all at the same moment.
function pauseMs({ attempts, order }: Receipt): number {
  const jitter = 0.75 + ((order.number * 7) % 50) / 100
  return Math.min(8_000, 250 * 2 ** attempts) * jitter
}

async function openLink({ shop }: Market, order: PlannedOrder): Promise<string> {
  const { amount, currency, name } = plans[order.plan]
  return shop.openSession({
    email: order.email,
    name,
    amount: order.ending === 'wrong-amount' ? amount - 500 : amount,
    currency,
    metadata: { plan: order.plan, region, server_name: order.serverName },
  })
}

/** Behind a Payment Link only the session and the price say what is bought. */
async function subscribeAtLink({ stripe }: Market, receipt: Receipt): Promise<Receipt> {
  const { order } = receipt
  await delay(order.thinkMs)
  const { amount, currency, name } = plans[order.plan]
  const { session } = stripe.sellByLink({
    amount,
    currency,
    name,
    interval: 'month',
    email: order.email,
    price_metadata: { plan: order.plan },
    metadata: { plan: order.plan, region, server_name: order.serverName },
  })
  receipt.sessionId = session.id
  notePaid(receipt, session)
  return receipt
}

function notePaid(receipt: Receipt, session: Session): void {
  if (session.payment_status !== 'paid') return
  receipt.paid = { amount: session.amount_total ?? 0, currency: session.currency ?? '' }
  receipt.subscriptionId = typeof session.subscription === 'string' ? session.subscription : null
}

type Session = ReturnType<StripeSimulator['pay']>['session']

async function atThePage({ stripe, shop, timeScale }: Market, receipt: Receipt, id: string): Promise<void> {
  const { ending, email } = receipt.order
  const pay = (outcome: 'paid' | 'async' | 'declined') =>
    stripe.pay(id, outcome, { email, name: 'Chaos Buyer' })
  const note = ({ session }: ReturnType<typeof pay>) => notePaid(receipt, session)
  switch (ending) {
    case 'pays':
    case 'wrong-amount':
      return note(pay('paid'))
    case 'pays-twice':
      note(pay('paid'))
      await delay(50)
      return note(pay('paid'))
    case 'declined-first':
      pay('declined')
      await delay(300)
      return note(pay('paid'))
    case 'bank-pays':
    case 'bank-refuses':
      pay('async')
      await delay(60_000 * timeScale)
      return note(stripe.settle(id, ending === 'bank-pays' ? 'succeeded' : 'failed'))
    case 'expires':
      await shop.expireSession(id)
      receipt.expired = true
      return
    case 'walks-away':
      return
    default:
      return ending satisfies never
  }
}
