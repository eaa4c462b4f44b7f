import { type Difference, lookAgain, sayMoneyAgain, sayServersAgain } from '@spawnpoint/contracts'
import { ask } from '@spawnpoint/messaging'
import { Problem } from '@spawnpoint/service-kit'
import { runAdminCommand } from '../commands/run-admin-command.ts'
import { changeDifference, type DifferenceRow, readDifference } from '../store/discrepancies.ts'
import { acceptPrice, lookUpMoney } from './repair-billing.ts'
import { endOrder, type RepairDeps, requestRefund, sayOrderAgain, takeRealAmount } from './repairs.ts'

/** Does what the difference says that its repair does. It is over once a reconciliation no longer finds it. */
export async function repairDifference(
  deps: RepairDeps,
  { id, by, confirm }: { id: string; by: string; confirm: string | undefined },
): Promise<DifferenceRow> {
  const row = await readDifference(deps.prisma, id)
  if (row.confirmation !== null && confirm !== row.confirmation)
    throw new Problem(
      409,
      'confirmation_needed',
      `${row.repair} To have it done, repeat as \`confirm\`: ${row.confirmation}`,
    )
  const difference = await changeDifference(deps.prisma, id, { state: 'repairing', by })
  await settle(deps, difference, by)
  deps.wake()
  deps.log.info(
    { differenceId: id, kind: difference.kind, orderId: difference.order_id, by },
    'Difference repaired',
  )
  return difference
}

async function settle(deps: RepairDeps, difference: DifferenceRow, by: string): Promise<void> {
  const { kind, order_id: orderId, payment_id: paymentId } = difference
  const request_id = `${difference.id}/${difference.version}`
  const asking = { nats: deps.nats, timeoutMs: deps.answerWithinMs }
  switch (kind) {
    case 'payment_without_order':
    case 'payment_not_heard':
    case 'subscription_not_heard':
      await ask({ ...asking, contract: sayMoneyAgain, request: { request_id, ids: present(paymentId) } })
      break
    case 'server_not_heard':
      await ask({ ...asking, contract: sayServersAgain, request: { request_id, ids: present(orderId) } })
      break
    case 'order_not_heard':
      await sayOrderAgain(deps.prisma, difference)
      break
    case 'paid_without_server':
      await sayOrderAgain(deps.prisma, difference)
      await ask({ ...asking, contract: lookAgain, request: { ids: present(orderId) } })
      break
    case 'server_without_payment':
      await endOrder(deps, difference, by)
      await ask({ ...asking, contract: lookAgain, request: { ids: present(orderId) } })
      break
    case 'amount_differs':
      await takeRealAmount(deps, difference)
      break
    case 'paid_twice':
      await requestRefund(deps, difference)
      break
    case 'underpaid':
      await acceptPrice(deps, difference, by)
      break
    case 'paid_and_suspended':
      if (orderId !== null)
        await runAdminCommand(deps, {
          id: orderId,
          command: { do: 'resume' },
          reason: difference.finding,
          by,
        })
      break
    case 'plan_price_mismatch':
    case 'running_unpaid':
      if (orderId !== null) await lookUpMoney(deps, orderId)
      break
    default:
      kind satisfies never
  }
}

function present(id: Difference['order_id']): string[] {
  return id === null ? [] : [id]
}
