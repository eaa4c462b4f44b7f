import type Stripe from 'stripe'
import { type Account, type Cause, must } from '../account.ts'
import { ApiError, invalidParam, missingParam } from '../api/api-error.ts'
import { createPrice } from '../catalogue.ts'
import { planOf } from '../objects/price.ts'
import { subscriptionItem } from '../objects/subscription.ts'
import { startingAt } from './periods.ts'
import type { ItemParams } from './subscription-params.ts'

type Item = Stripe.SubscriptionItem

export type ItemsChange = {
  items: Item[]
  /** Old items that are no longer billed as they were, and what stands in their place. */
  changed: { old?: Item; current?: Item }[]
  /** Whether a new period begins now: asked for, or because an interval changed. */
  restarts: boolean
}

/** The items as they are to be. Those that are not named stay. */
export function changeItems(
  account: Account,
  subscription: Stripe.Subscription,
  { items: wanted = [], restart = false }: { items?: ItemParams[] | undefined; restart?: boolean },
  cause: Cause,
): ItemsChange {
  const now = account.seconds()
  const items = new Map(subscription.items.data.map((item) => [item.id, item]))
  for (const [index, params] of wanted.entries()) {
    const old = existing(items, params, index)
    if (params.deleted) {
      items.delete(old?.id ?? '')
      continue
    }
    const next = itemOf(account, subscription, old, { params, index, cause })
    items.set(next.id, next)
  }
  if (items.size === 0) {
    throw new ApiError(
      400,
      'A subscription must have at least one active plan. To cancel a subscription, delete it instead.',
    )
  }
  refuseTooMany(items.size)
  const before = subscription.items.data
  const isOther = (old: Item) => intervalOf(old) !== intervalOf(items.get(old.id) ?? old)
  // A trial keeps its end, whatever the price behind it.
  const restarts = subscription.status !== 'trialing' && (restart || before.some(isOther))
  const after = [...items.values()].map((item) => (restarts ? startingAt(item, now) : item))
  return { items: after, restarts, changed: changesBetween(before, after, restarts) }
}

/** Source: docs.stripe.com/billing/subscriptions/multiple-products. */
const mostItems = 20

export function refuseTooMany(count: number) {
  if (count <= mostItems) return
  throw new ApiError(400, `A subscription can have up to ${mostItems} items; this one would have ${count}.`, {
    param: 'items',
  })
}

export function priceFor(
  account: Account,
  { price, price_data }: ItemParams,
  index: number,
  cause: Cause,
): Stripe.Price | undefined {
  if (price_data) return createPrice(account, { ...price_data, active: false }, cause)
  if (price === undefined) return undefined
  const found = account.prices.get(price)
  if (!found) throw missingParam('price', price, `items[${index}][price]`)
  if (!found.recurring) {
    throw invalidParam(
      `The price specified is set to \`type=one_time\` but this field only accepts prices with \`type=recurring\`.`,
      `items[${index}][price]`,
    )
  }
  return found
}

function existing(items: Map<string, Item>, { id }: ItemParams, index: number) {
  if (id === undefined) return undefined
  const item = items.get(id)
  if (!item) throw missingParam('subscription_item', id, `items[${index}][id]`)
  return item
}

function itemOf(
  account: Account,
  subscription: Stripe.Subscription,
  old: Item | undefined,
  { params, index, cause }: { params: ItemParams; index: number; cause: Cause },
): Item {
  const price = priceFor(account, params, index, cause) ?? old?.price
  if (!price) throw invalidParam('Each item needs a `price` or `price_data`.', `items[${index}][price]`)
  if (price.currency !== subscription.currency) {
    throw new ApiError(
      400,
      `The price specified supports currencies of \`${price.currency}\`. This doesn't match the expected currency: \`${subscription.currency}\`.`,
    )
  }
  const quantity = params.quantity ?? old?.quantity ?? 1
  if (old) return { ...old, metadata: params.metadata ?? old.metadata, plan: planOf(price), price, quantity }
  const added = subscriptionItem(subscription.id, price, quantity, account.seconds())
  const [sibling] = subscription.items.data
  if (!sibling || intervalOf(sibling) !== intervalOf(added)) return added
  const { current_period_start, current_period_end } = sibling
  return { ...added, current_period_start, current_period_end }
}

function changesBetween(before: Item[], after: Item[], all: boolean) {
  const isSame = (a: Item, b: Item | undefined) => a.price.id === b?.price.id && a.quantity === b.quantity
  const gone = before.map((old) => {
    const current = after.find(({ id }) => id === old.id)
    return { old, ...(current && { current }) }
  })
  const added = after.filter(({ id }) => !before.some((old) => old.id === id)).map((current) => ({ current }))
  return [...gone.filter(({ old, current }) => all || !isSame(old, current)), ...added]
}

function intervalOf({ price: { recurring } }: Item) {
  return `${recurring?.interval_count} ${recurring?.interval}`
}

export function productName(account: Account, { product }: Stripe.Price) {
  return must(account.products, String(product)).name
}
