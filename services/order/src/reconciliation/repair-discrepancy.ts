import { type Discrepancy, recheckServers, republishBilling, republishServers } from '@spawnpoint/contracts'
import { ask } from '@spawnpoint/messaging'
import { Problem } from '@spawnpoint/service-kit'
import { runAdminCommand } from '../commands/run-admin-command.ts'
import { changeDiscrepancy, type DiscrepancyRow, readDiscrepancy } from '../store/discrepancies.ts'
import { acceptPrice, lookUpBilling } from './repair-billing.ts'
import { endOrder, type RepairDeps, republishOrder, requestRefund, takeRealAmount } from './repairs.ts'

/** Runs the repair that a discrepancy announces. It is resolved once a reconciliation no longer finds it. */
export async function repairDiscrepancy(
  deps: RepairDeps,
  { id, by, confirm }: { id: string; by: string; confirm: string | undefined },
): Promise<DiscrepancyRow> {
  const row = await readDiscrepancy(deps.prisma, id)
  if (row.confirmation !== null && confirm !== row.confirmation)
    throw new Problem(
      409,
      'confirmation_needed',
      `${row.repair} To have it done, repeat as \`confirm\`: ${row.confirmation}`,
    )
  const discrepancy = await changeDiscrepancy(deps.prisma, id, { state: 'repairing', by })
  await settle(deps, discrepancy, by)
  deps.wake()
  deps.log.info(
    { differenceId: id, kind: discrepancy.kind, orderId: discrepancy.order_id, by },
    'Discrepancy repaired',
  )
  return discrepancy
}

async function settle(deps: RepairDeps, discrepancy: DiscrepancyRow, by: string): Promise<void> {
  const { kind, order_id: orderId, payment_id: paymentId } = discrepancy
  const request_id = `${discrepancy.id}/${discrepancy.version}`
  const asking = { nats: deps.nats, timeoutMs: deps.answerWithinMs }
  switch (kind) {
    case 'payment_without_order':
    case 'payment_not_heard':
    case 'subscription_not_heard':
      await ask({ ...asking, contract: republishBilling, request: { request_id, ids: present(paymentId) } })
      break
    case 'server_not_heard':
      await ask({ ...asking, contract: republishServers, request: { request_id, ids: present(orderId) } })
      break
    case 'order_not_heard':
      await republishOrder(deps.prisma, discrepancy)
      break
    case 'paid_without_server':
      await republishOrder(deps.prisma, discrepancy)
      await ask({ ...asking, contract: recheckServers, request: { ids: present(orderId) } })
      break
    case 'server_without_payment':
      await endOrder(deps, discrepancy, by)
      await ask({ ...asking, contract: recheckServers, request: { ids: present(orderId) } })
      break
    case 'amount_differs':
      await takeRealAmount(deps, discrepancy)
      break
    case 'paid_twice':
      await requestRefund(deps, discrepancy)
      break
    case 'underpaid':
    case 'paid_and_suspended':
    case 'plan_price_mismatch':
    case 'running_unpaid':
      await settleBilling(deps, discrepancy, by)
      break
    default:
      kind satisfies never
  }
}

/** What a person did not confirm only looks: it accepts no price and resumes nothing. */
async function settleBilling(deps: RepairDeps, discrepancy: DiscrepancyRow, by: string): Promise<void> {
  const { order_id: id, kind, confirmation, finding: reason } = discrepancy
  if (id === null) return
  if (confirmation === null) await lookUpBilling(deps, id)
  else if (kind === 'underpaid') await acceptPrice(deps, discrepancy, by)
  else await runAdminCommand(deps, { id, command: { do: 'resume' }, reason, by })
}

function present(id: Discrepancy['order_id']): string[] {
  return id === null ? [] : [id]
}
