import type { Customer } from '@spawnpoint/contracts'
import { isCertainlyOurs, otherOrderOf } from '../billing/subscription-end.ts'
import { mayRenew } from '../billing/suspension-reasons.ts'
import type { Applied, Rules } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import { reevaluateOrder } from './reevaluate-order.ts'

/** What an operator may do with an order that is paid. */
export type AdminCommand =
  | { do: 'suspend' | 'resume' }
  /** `subscription`: what it does at Stripe where the order never had a server. */
  | { do: 'terminate'; subscription?: 'keep' | 'cancel' | undefined }
  /** `reinstall`: it is agreed that the server is reinstalled, where the plan is of another egg. */
  | { do: 'change-plan'; plan: string; reinstall?: boolean }
  /** `hasServer`: the panel shows its server there; else it is placed there as soon as nothing is left of it where it was to be. */
  | { do: 'change-region'; region: string; hasServer: boolean }
  | { do: 'rename'; server_name: string }
  | { do: 'change-owner'; customer: Customer }

type Refused = {
  kind: 'refused'
  code:
    | 'order_terminated'
    | 'order_without_server'
    | 'unknown_plan'
    | 'unknown_region'
    | 'subscription_undecided'
  why: string
}

/**
 * A command given twice changes nothing the second time, and what has ended stays ended. What the seller wants and what its money
 * allows stand side by side: neither undoes the other.
 */
export function applyAdminCommand(
  order: Order,
  { command, reason }: { command: AdminCommand; reason: string },
  rules: Rules,
): Applied | { kind: 'unchanged' } | Refused {
  if (order.desired === 'terminated' && command.do !== 'terminate')
    return refused('order_terminated', 'It has ended for good: its customer needs a new order.')
  // A held order has no server and may still be ended, so that nobody decides it again.
  const isHeld = order.desired === 'none' && order.billing_status !== 'unpaid'
  if (order.desired === 'none' && !(isHeld && command.do === 'terminate'))
    return refused(
      'order_without_server',
      `It is ${order.status} and ${order.billing_status}: no server is wanted for it yet.`,
    )
  if (command.do === 'terminate' && isUndecided(order, command))
    return refused(
      'subscription_undecided',
      `${whyUndecided(order)}: send "subscription": "keep" to end the order and leave the subscription at Stripe as it is, or "cancel" to cancel it too.`,
    )
  const written = writtenDown(order, command, rules)
  if (written === 'unchanged') return { kind: 'unchanged' }
  if (written === null && command.do === 'change-region')
    return refused(
      'unknown_region',
      `There is no region ${command.region}: PUT /admin/regions/:region makes one.`,
    )
  if (written === null) return refused('unknown_plan', 'There is no such plan: GET /plans lists them.')
  const note = `${wordOf(order, command)}: ${reason}`
  return reevaluateOrder(order, written, { rules, note, isPublished: true })
}

function writtenDown(order: Order, command: AdminCommand, { catalogue }: Rules): Order | 'unchanged' | null {
  switch (command.do) {
    case 'suspend':
      return wanted(order, 'suspended')
    case 'resume':
      return wanted(order, 'running')
    case 'terminate': {
      const { subscription } = command
      const money = { ...order.money, ...(subscription ? { subscription_after_end: subscription } : {}) }
      return order.desired === 'terminated' ? 'unchanged' : wanted({ ...order, money }, 'terminated')
    }
    case 'change-plan': {
      const plan = catalogue.plans.get(command.plan)
      if (!plan) return null
      const reinstall_for = command.reinstall ? plan.id : null
      const isAgreed = reinstall_for === null || order.delivery.reinstall_for === reinstall_for
      if (plan.id === order.plan && isAgreed) return 'unchanged'
      const delivery = { ...order.delivery, reinstall_for }
      return { ...order, plan: plan.id, price: plan.price, delivery }
    }
    case 'change-region': {
      const { region, hasServer } = command
      if (!catalogue.regions.has(region)) return null
      const { moving_to } = order.delivery
      if (region === (moving_to ?? order.region)) return 'unchanged'
      if (hasServer) return { ...order, region }
      return { ...order, delivery: { ...order.delivery, moving_to: region } }
    }
    case 'rename': {
      const { server_name } = command
      return server_name === order.server_name ? 'unchanged' : { ...order, server_name }
    }
    case 'change-owner': {
      const { customer } = command
      return isSame(customer, order.customer) ? 'unchanged' : { ...order, customer }
    }
    default:
      return command satisfies never
  }
}

function whyUndecided(order: Order): string {
  const { subscription_id: id } = order
  const other = otherOrderOf(order)
  return other === null
    ? `It never had a server, and subscription ${id} may belong to another product`
    : `Subscription ${id} names order ${other} by now, and may pay for that one`
}

/** Only a person can tell whose subscription it is. */
function isUndecided(
  order: Order,
  { subscription }: { subscription?: 'keep' | 'cancel' | undefined },
): boolean {
  const isEnded = order.desired === 'terminated'
  return subscription === undefined && !isEnded && mayRenew(order) && !isCertainlyOurs(order)
}

function wanted(order: Order, wanted: Order['wanted']): Order | 'unchanged' {
  return order.wanted === wanted ? 'unchanged' : { ...order, wanted }
}

function wordOf({ plan, region }: Order, command: AdminCommand): string {
  switch (command.do) {
    case 'suspend':
      return 'Suspended'
    case 'resume':
      return 'Resumed'
    case 'terminate':
      return 'Ended'
    case 'change-plan':
      return `Plan ${plan} → ${command.plan}`
    case 'change-region':
      return `Region ${region} → ${command.region}`
    case 'rename':
      return 'Renamed'
    case 'change-owner':
      return 'Owner changed'
    default:
      return command satisfies never
  }
}

function isSame(a: Customer, b: Customer): boolean {
  return a.id === b.id && a.email === b.email && a.name === b.name
}

function refused(code: Refused['code'], why: string): Refused {
  return { kind: 'refused', code, why }
}
