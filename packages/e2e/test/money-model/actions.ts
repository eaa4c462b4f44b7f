import { dispute, fraud, payInParts, payInvoice, payTogether, refund, settle } from './invoice-actions.ts'
import { changeItems, flipPlan, replace, upgrade } from './plan-actions.ts'
import type { Action } from './scenario.ts'
import { dateOf, isOver, resultOf, type StripeEnvironment } from './stripe-environment.ts'

const day = 86_400

/** Performs an action of a scenario at Stripe; returns its result in words. What makes no sense at that moment is left out. */
export async function act(environment: StripeEnvironment, action: Action): Promise<string> {
  if (action.do === 'refund') return refund(environment, action)
  if (action.do === 'dispute') return dispute(environment, action)
  if (action.do === 'fraud') return fraud(environment, action)
  const { stripe, account, call } = environment
  const subscription = environment.subscription()
  if (!subscription) return 'nothing: there is no subscription'
  const { id } = subscription
  const isEnded = isOver(subscription)
  const update = async (params: object) =>
    isEnded
      ? 'nothing: its subscription has ended'
      : resultOf(await call('POST', `subscriptions/${id}`, params), environment)
  const given = { environment, subscription, update }

  switch (action.do) {
    case 'card':
      stripe.setCard(String(subscription.customer), action.answer)
      return `the card: ${action.answer}`
    case 'pay-invoice':
      return payInvoice(environment, action)
    case 'pay-in-parts':
      return payInParts(environment, action.isWhole)
    case 'pay-together':
      return payTogether(environment)
    case 'add-on':
    case 'several':
    case 'switch-plan':
      return changeItems(given, action)
    case 'upgrade':
      return upgrade(given, action)
    case 'replace':
      return replace(given, action)
    case 'flip-plan':
      return flipPlan(given, action.times)
    case 'collect-by':
      return `invoices are ${action.days === null ? 'charged' : `sent, and due after ${action.days} days`}: ${await update(action.days === null ? { collection_method: 'charge_automatically' } : { collection_method: 'send_invoice', days_until_due: action.days })}`
    case 'crowd-invoice': {
      if (isEnded) return 'nothing: its subscription has ended'
      const { count, kind } = action
      const { lines, total } = stripe.crowdInvoice({ subscription: id, count, kind, amount: 40 })
      return `${lines} lines (${kind}, ${total} in all) wait for the next invoice`
    }
    case 'credit': {
      const customer = account.customers.get(String(subscription.customer))
      if (!customer) return 'nothing: no customer'
      const balance = customer.balance + action.amount
      account.change(account.customers, customer, { balance }, 'customer.updated')
      return `the customer's balance: ${balance}`
    }
    case 'extend-trial': {
      const end = subscription.items.data[0]?.current_period_end ?? 0
      const trial_end = Math.max(environment.seconds(), subscription.trial_end ?? 0, end) + action.days * day
      return `a trial until ${dateOf(trial_end)}: ${await update({ trial_end, proration_behavior: 'none' })}`
    }
    case 'pause':
      return `collection paused (${action.behavior}): ${await update({ pause_collection: { behavior: action.behavior } })}`
    case 'unpause':
      if (!subscription.pause_collection) return 'nothing: it is not paused'
      return `collection goes on: ${await update({ pause_collection: '' })}`
    case 'cancel':
      if (action.when !== 'now')
        return `to end ${action.when}: ${await update({ cancel_at_period_end: action.when === 'period-end' })}`
      return isEnded
        ? 'nothing: it has ended'
        : resultOf(await call('DELETE', `subscriptions/${id}`), environment)
    case 'close-invoice':
      return settle(environment, action)
    default:
      return action satisfies never
  }
}
