import type { Action } from './scenario.ts'
import {
  isOver,
  orderMetadata,
  resultOf,
  type StripeEnvironment,
  type Subscription,
} from './stripe-environment.ts'

type Act<Name extends Action['do']> = Extract<Action, { do: Name }>
type Given = {
  environment: StripeEnvironment
  subscription: Subscription
  update: (params: object) => Promise<string>
}

/** The customer, the seller or a program of theirs changes what the subscription charges for. */
export async function changeItems(
  { subscription, update }: Given,
  action: Act<'add-on' | 'several' | 'switch-plan'>,
): Promise<string> {
  const [item, ...others] = subscription.items.data
  const { id = '', price } = item ?? {}
  const addOn = others.find((each) => each.price.id === 'price_backup')
  const isMonthly = price?.recurring?.interval === 'month'
  switch (action.do) {
    case 'add-on': {
      if (!isMonthly) return 'nothing: not by the month'
      const items = { 0: addOn ? { id: addOn.id, deleted: true } : { price: 'price_backup' } }
      const { proration: proration_behavior } = action
      return `${addOn ? 'without its' : 'with an'} add-on (${proration_behavior}): ${await update({ items, proration_behavior })}`
    }
    case 'several': {
      if (!isMonthly) return 'nothing: not by the month'
      const second = others.find((each) => each.price.metadata.plan)
      if (action.what === 'second-plan' && second) return 'nothing: it has a second plan'
      if (action.what === 'second-plan' && !subscription.items.data[0]?.price.metadata.plan)
        return 'nothing: the second plan would be the only one'
      const items = {
        'second-plan': { 0: { price: 'price_large' } },
        'three-units': { 0: { id, quantity: 3 } },
        one: { 0: { id, quantity: 1 }, ...(second ? { 1: { id: second.id, deleted: true } } : {}) },
      }[action.what]
      return `${action.what}: ${await update({ items, proration_behavior: 'always_invoice' })}`
    }
    case 'switch-plan': {
      // The second plan would be the only one that it pays for.
      if (action.to === 'cheap' && others.some((each) => each.price.metadata.plan))
        return 'nothing: it has a second plan'
      // Items of one subscription are charged together.
      const gone = action.to === 'yearly' ? others.map((each) => ({ id: each.id, deleted: true })) : []
      const items = { ...[{ id, price: `price_${action.to}` }, ...gone] }
      const { proration: proration_behavior } = action
      return `to ${action.to} (${proration_behavior}): ${await update({ items, proration_behavior })}`
    }
    default:
      return action satisfies never
  }
}

/** To the bigger plan, whose invoice is paid, is paid after a refusal, stays open, or is voided. */
export async function upgrade(
  { environment, subscription, update }: Given,
  { proration, behavior, money }: Act<'upgrade'>,
): Promise<string> {
  const { stripe, account } = environment
  const [item] = subscription.items.data
  if (item?.price.id !== 'price_monthly') return 'nothing: it is not of the small plan'
  const customer = String(subscription.customer)
  const card = account.cards.get(customer) ?? 'works'
  if (money !== 'paid') stripe.setCard(customer, 'declined')
  const before = environment.invoices().length
  const done = await update({
    items: { 0: { id: item.id, price: 'price_large' } },
    proration_behavior: proration,
    payment_behavior: behavior,
  })
  const invoice = environment.invoices().slice(before).at(-1)
  const isOpen = invoice?.status === 'open'
  if (isOpen && money === 'paid') await environment.call('POST', `invoices/${invoice.id}/pay`)
  if (isOpen && money === 'voided') await environment.call('POST', `invoices/${invoice.id}/void`)
  if (money !== 'unpaid') stripe.setCard(customer, card)
  return `to the bigger plan (${proration}, ${behavior}), ${money}: ${done}`
}

export async function flipPlan({ subscription, update }: Given, times: number): Promise<string> {
  const [item] = subscription.items.data
  const now = String(item?.price.id)
  const other = now === 'price_large' ? 'price_monthly' : 'price_large'
  if (now === 'price_yearly') return 'nothing: it is paid by the year'
  const results: string[] = []
  for (let left = times; left > 0; left--)
    for (const price of [other, now])
      results.push(
        await update({ items: { 0: { id: item?.id, price } }, proration_behavior: 'create_prorations' }),
      )
  return `to another plan and back ${times} times: ${results.at(-1)}`
}

/** Another subscription of the same order, as a seller makes it who moves a customer. */
export async function replace(
  { environment, subscription }: Given,
  { by, former }: Act<'replace'>,
): Promise<string> {
  const { call, account, seconds } = environment
  const isEnded = isOver(subscription)
  if (former === 'has-ended' && !isEnded) return 'nothing: the one before has not ended'
  if (account.subscriptions.size() > 3) return 'nothing: there were enough'
  if (former === 'ends' && !isEnded) await call('DELETE', `subscriptions/${subscription.id}`)
  const price = { raised: 'price_raised', bigger: 'price_large' }[String(by)] ?? 'price_monthly'
  const paidUntil = subscription.items.data[0]?.current_period_end ?? 0
  const anchor = by === 'anchored' ? paidUntil : seconds() + 12 * day
  const isAnchored = (by === 'anchored' && anchor > seconds()) || by === 'prorated'
  const done = await call('POST', 'subscriptions', {
    customer: String(subscription.customer),
    items: { ...[{ price }, ...(by === 'with-add-on' ? [{ price: 'price_backup' }] : [])] },
    metadata: { ...orderMetadata, plan: by === 'bigger' ? 'large' : 'monthly' },
    ...(isAnchored && {
      billing_cycle_anchor: anchor,
      proration_behavior: by === 'anchored' ? 'none' : 'create_prorations',
    }),
  })
  return `another subscription (${by}) of the order, the one before ${former}: ${resultOf(done, environment)}`
}

const day = 86_400
