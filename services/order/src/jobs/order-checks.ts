import { describeAge } from '@spawnpoint/messaging'
import type { Check, Checks } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import type { Alarm } from '../rules/order/unfulfilled.ts'
import { countOpenDiscrepancies, openDiscrepancies } from '../store/discrepancies.ts'
import type { Alarming } from '../store/unfulfilled-orders.ts'
import { paidTwice, paidWithoutOrder, type Unmatched } from '../store/unmatched-payments.ts'

type Options = {
  prisma: PrismaClient
  patienceMs: number
  /** Of those without a server, all. */
  readAlarming: () => Promise<Alarming[]>
}

/** What of the orders waits for a person, each with the oldest and what settles it. */
export function createOrderChecks({ prisma, patienceMs, readAlarming }: Options): Checks {
  const alarmed = async (alarm: Alarm) => (await readAlarming()).filter((order) => order.alarm === alarm)
  return {
    orders: ordersCheck(() => alarmed('failed')),
    late_orders: lateOrdersCheck(() => alarmed('late')),
    money: {
      find: async () => {
        const unmatched = [...(await paidTwice(prisma)), ...(await paidWithoutOrder(prisma, patienceMs))]
        const found = await openDiscrepancies(prisma)
        const parts = [describeUnmatched(unmatched), describeFound(found)].filter((part) => part !== null)
        return parts.length === 0 ? null : `For a person to settle: ${parts.join('; ')}`
      },
      mend: 'npx spawnpoint dead-letters list --service order and npx spawnpoint reconcile: each names what settles it',
    },
    discrepancies: {
      find: async () => {
        const { count, oldest } = await countOpenDiscrepancies(prisma)
        if (count === 0 || oldest === null) return null
        return `${count} discrepancies between Stripe, the orders and the panel are open, the oldest for ${ageOf(oldest.foundAt)}: ${oldest.finding.slice(0, 200)}`
      },
      mend: 'npx spawnpoint reconcile, then npx spawnpoint reconcile --fix',
    },
  }
}

function ordersCheck(failed: () => Promise<Alarming[]>): Check {
  return {
    find: async () => {
      const orders = await failed()
      const [oldest] = orders
      if (!oldest) return null
      return {
        problem: `${counted(orders.length)} and failed: the oldest, ${oldest.id}, for ${ageOf(oldest.paid_at)} (${oldest.error_message ?? 'no reason'})`,
        mend: `correct that, then POST /admin/orders/${oldest.id}/decide {}, or for a failed server POST /api/servers/provision {"order_id": "${oldest.id}"} to the provisioner; all of them: GET /orders?status=error`,
      }
    },
    mend: 'GET /orders?status=error',
  }
}

function lateOrdersCheck(late: () => Promise<Alarming[]>): Check {
  return {
    find: async () => {
      const orders = await late()
      const [oldest] = orders
      if (!oldest) return null
      return {
        problem: `${counted(orders.length)}: the oldest, ${oldest.id} (${oldest.status}), for ${ageOf(oldest.paid_at)}${oldest.error_message ? ` (${oldest.error_message})` : ''}`,
        mend: `npx spawnpoint status shows what the provisioner waits for, npx spawnpoint panel check what is wrong on the panel; GET /servers/${oldest.id} of the provisioner shows this one`,
      }
    },
    mend: 'npx spawnpoint panel check',
  }
}

function counted(count: number): string {
  return count === 1 ? '1 order is paid without a server' : `${count} orders are paid without a server`
}

function describeUnmatched(unmatched: Unmatched[]): string | null {
  const [first] = unmatched
  if (!first) return null
  return `${unmatched.length} payments pay for no order (\`npx spawnpoint dead-letters list\`), such as: ${first.why.slice(0, 160)}`
}

function describeFound(found: { finding: string }[]): string | null {
  const [first] = found
  if (!first) return null
  return `${found.length} discrepancies in the money of orders (\`npx spawnpoint reconcile\`), such as: ${first.finding.slice(0, 160)}`
}

function ageOf(since: Date): string {
  return describeAge(Math.max(0, (Date.now() - since.getTime()) / 1_000))
}
