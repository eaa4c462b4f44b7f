import { setTimeout as delay } from 'node:timers/promises'
import { type BillingRecord, readBilling } from './billing-records.ts'
import type { Receipt } from './buyer.ts'
import { policy } from './catalogue.ts'
import type { Counts } from './counts.ts'
import { doInShop, isShopAction } from './do-in-shop.ts'
import { entitlementOf } from './entitlement.ts'
import { groupBy } from './group-by.ts'
import type { Books } from './ledger.ts'
import type { Environment } from './open-environment.ts'
import { panelServers } from './panel-servers.ts'
import { doAtStripe } from './perform-action.ts'
import { type PlannedAction, type PlannedStep, phases } from './schedule-subscriptions.ts'
import { createServerHistory } from './server-history.ts'
import type { Shop } from './shop.ts'

type Options = {
  environment: Environment
  shop: Shop
  count: Counts['add']
  say: (line: string) => void
}

const dayMs = 86_400_000
/** After the last month, so that hardly anybody is left in between. */
const closingDays = [10, 11, 12.5, 14]
const closingStepMs = 2_500

/** The months of all subscriptions: time moves, people do things, and it is noted what becomes of the servers. */
export function createMonths({ environment: { stripe, panel, clock }, shop, count, say }: Options) {
  const history = createServerHistory()
  const underWay: Promise<void>[] = []
  const giveUp = new AbortController()
  let renewal = { month: 0, at: 0 }

  async function step({ month, phase }: PlannedStep, receipts: readonly Receipt[]): Promise<void> {
    const before = await observe(receipts)
    if (renewal.month !== month) renewal = { month, at: renewalOf([...before.values()], clock.now()) }
    clock.moveTo(renewal.at + phases[phase] * dayMs)
    say(`It is ${new Date(clock.now()).toISOString()}: month ${month}, ${phase}`)
    const records = await readBilling(stripe)
    for (const receipt of receipts) {
      const record = records.get(receipt.subscriptionId ?? '')
      const actions = receipt.order.life?.actions ?? []
      if (record)
        for (const action of actions)
          if (action.month === month && action.phase === phase) begin(action, receipt, record)
    }
  }

  function begin({ do: action }: PlannedAction, receipt: Receipt, record: BillingRecord): void {
    const { life } = receipt.order
    if (life === null) return
    const { otherPlan } = life
    if (isShopAction(action)) {
      const doing = doInShop(shop, action, { receipt, otherPlan, giveUp: giveUp.signal })
      underWay.push(
        doing.then((became) => count('actions', became === 'done' ? action : `${action} ${became}`)),
      )
      return
    }
    count(
      'actions',
      isDone(() => doAtStripe(stripe, action, { record, otherPlan })) ? action : `${action} refused`,
    )
  }

  /** Stripe and the panel, as they stand now. */
  async function observe(receipts: readonly Receipt[]): Promise<Map<string, BillingRecord>> {
    const records = await readBilling(stripe)
    const servers = groupBy(panelServers(panel), ({ name }) => name)
    const now = clock.now()
    for (const { subscriptionId, order } of receipts) {
      const record = records.get(subscriptionId ?? '')
      if (!record) continue
      const entitlement = entitlementOf(record, { now, graceDays: policy.grace_days })
      const name = order.serverName
      history.observe(name, { at: now, entitlement, servers: servers.get(name) ?? [] })
    }
    return records
  }

  return {
    step,
    /** Once the faults are over: what was asked of the shop is answered, and time goes on until little is in between. */
    async finish(receipts: readonly Receipt[]): Promise<void> {
      const late = setTimeout(() => giveUp.abort(), 60_000)
      await Promise.all(underWay)
      clearTimeout(late)
      if (renewal.month === 0) return
      for (const days of closingDays) {
        await delay(closingStepMs)
        await observe(receipts)
        clock.moveTo(renewal.at + days * dayMs)
      }
      // Who never paid had a day for it.
      for (const receipt of receipts)
        if (receipt.order.ending === 'walks-away' && receipt.sessionId !== null) receipt.expired = true
    },
    async readOutside(receipts: readonly Receipt[]): Promise<Pick<Books, 'servers' | 'subscriptions'>> {
      const records = await observe(receipts)
      const subscriptions: [string, ReturnType<typeof seenOf>][] = receipts.flatMap((receipt) => {
        const record = records.get(receipt.subscriptionId ?? '')
        return record ? [[record.id, seenOf(record, receipt)]] : []
      })
      return { servers: panelServers(panel), subscriptions: new Map(subscriptions) }
    },
  }

  function seenOf(record: BillingRecord, { order }: Receipt) {
    const entitlement = entitlementOf(record, { now: clock.now(), graceDays: policy.grace_days })
    return { ...entitlement, price: record.price, harm: history.harmed().get(order.serverName) ?? null }
  }
}

/** When the last of those renews that still do: they were all sold within minutes. */
function renewalOf(records: readonly BillingRecord[], now: number): number {
  const ends = records.filter(({ endedAt }) => endedAt === null).map(({ periodEnd }) => periodEnd)
  return ends.length > 0 ? Math.max(...ends) : now + 30 * dayMs
}

// What the subscription is not in a state for is refused by Stripe: others changed it meanwhile.
function isDone(act: () => boolean): boolean {
  try {
    return act()
  } catch (error) {
    if (error instanceof Error && 'status' in error) return false
    throw error
  }
}
