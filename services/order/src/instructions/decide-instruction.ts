import type { Customer } from '@spawnpoint/contracts'
import type { Catalogue } from '../catalogue.ts'
import type { Applied, Order } from '../order.ts'

/** What a seller may tell us to do with an order that is paid. */
export type Instruction =
  | { do: 'suspend' | 'resume' | 'terminate' }
  | { do: 'change-plan'; plan: string }
  | { do: 'rename'; server_name: string }
  | { do: 'change-owner'; customer: Customer }

type Refused = {
  kind: 'refused'
  code: 'order_terminated' | 'order_without_server' | 'unknown_plan'
  why: string
}

/** Instructioned for twice it changes nothing the second time, and what has ended stays ended. */
export function decideInstruction(
  order: Order,
  { instruction, reason }: { instruction: Instruction; reason: string },
  { plans }: Pick<Catalogue, 'plans'>,
): Applied | { kind: 'unchanged' } | Refused {
  if (order.desired === 'terminated' && instruction.do !== 'terminate')
    return refused('order_terminated', 'It has ended for good: its customer needs a new order.')
  // A held order has no server and may still be ended, so that nobody decides it again.
  const isHeld = order.desired === 'none' && order.billing_status !== 'unpaid'
  if (order.desired === 'none' && !(isHeld && instruction.do === 'terminate'))
    return refused(
      'order_without_server',
      `It is ${order.status} and ${order.billing_status}: no server is wanted for it yet.`,
    )
  switch (instruction.do) {
    case 'suspend':
      return wanted(order, 'suspended', { event: 'order.suspended', note: `Suspended: ${reason}` })
    case 'resume':
      return wanted(order, 'running', { event: 'order.resumed', note: `Resumed: ${reason}` })
    case 'terminate':
      return wanted(order, 'terminated', { event: 'order.ended', note: `Ended: ${reason}` })
    case 'change-plan': {
      const plan = plans.get(instruction.plan)
      if (!plan) return refused('unknown_plan', `There is no plan ${JSON.stringify(instruction.plan)}.`)
      if (instruction.plan === order.plan) return { kind: 'unchanged' }
      const note = `Plan ${order.plan} → ${instruction.plan}: ${reason}`
      return {
        ...changed(order, { plan: instruction.plan, price: plan.price }, note),
        previousPlan: order.plan,
      }
    }
    case 'rename':
      if (instruction.server_name === order.server_name) return { kind: 'unchanged' }
      return changed(order, { server_name: instruction.server_name }, `Renamed: ${reason}`)
    case 'change-owner':
      if (isSame(instruction.customer, order.customer)) return { kind: 'unchanged' }
      return changed(order, { customer: instruction.customer }, `Owner changed: ${reason}`)
    default:
      return instruction satisfies never
  }
}

// The status stays what it is until the provisioner says that the server has followed.
function wanted(
  order: Order,
  desired: Order['desired'],
  { event, note }: { event: 'order.suspended' | 'order.resumed' | 'order.ended'; note: string },
): Applied | { kind: 'unchanged' } {
  if (order.desired === desired) return { kind: 'unchanged' }
  return { kind: 'apply', event, note, order: { ...order, desired, version: order.version + 1 } }
}

function changed(order: Order, changes: Partial<Order>, note: string): Applied {
  const next = { ...order, ...changes, version: order.version + 1 }
  return { kind: 'apply', event: 'order.changed', note, order: next }
}

function isSame(a: Customer, b: Customer): boolean {
  return a.id === b.id && a.email === b.email && a.name === b.name
}

function refused(code: Refused['code'], why: string): Refused {
  return { kind: 'refused', code, why }
}
