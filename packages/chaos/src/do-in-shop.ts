import { setTimeout as delay } from 'node:timers/promises'
import type { Receipt } from './buyer.ts'
import type { MonthlyPlanId } from './catalogue.ts'
import type { ShopAction } from './perform-action.ts'
import type { Action } from './schedule-subscriptions.ts'
import type { Shop } from './shop.ts'

const shopActions: readonly Action[] = ['plan-now', 'plan-later', 'cancel-now', 'cancel-later']

export function isShopAction(action: Action): action is ShopAction {
  return shopActions.includes(action)
}

type Options = { receipt: Receipt; otherPlan: MonthlyPlanId; giveUp: AbortSignal }

/** What a customer asks of the shop, sent again until it is answered. */
export async function doInShop(
  shop: Shop,
  action: ShopAction,
  { receipt: { orderId, order }, otherPlan, giveUp }: Options,
): Promise<'done' | 'refused' | 'unanswered'> {
  if (orderId === null) return 'refused'
  const when = action.endsWith('-now') ? 'now' : 'period_end'
  for (let attempt = 1; !giveUp.aborted; attempt++) {
    const became = action.startsWith('plan')
      ? await shop.change(orderId, 'plan', { plan: otherPlan, when })
      : await shop.change(orderId, 'cancel', { when })
    if (became !== null) return became
    await delay(Math.min(4_000, 250 * 2 ** attempt) * (0.75 + ((order.number * 7) % 50) / 100))
  }
  return 'unanswered'
}
