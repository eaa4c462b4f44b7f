import type { Account } from '../account.ts'
import { ApiError } from './api-error.ts'

/** Puts whole objects where ids stand: `expand[]=payment_intent.latest_charge`, or `data.customer` in a list. */
export function expandIn<T extends { object: string }>(
  account: Account,
  answer: T,
  paths: readonly string[] = [],
): T {
  return paths.reduce((object, path) => expandPath(account, object, path.split('.'), path), answer)
}

function expandPath<T extends object>(
  account: Account,
  object: T,
  [head = '', ...rest]: string[],
  path: string,
): T {
  const value =
    lineItemsOf(account, object, head) ?? paymentsOf(account, object, head) ?? Reflect.get(object, head)
  if (Array.isArray(value)) {
    return { ...object, [head]: value.map((item: object) => expandPath(account, item, rest, path)) }
  }
  const found = typeof value === 'string' ? findById(account, value) : value
  if (found === null) return object
  if (typeof found !== 'object') {
    throw new ApiError(400, `This property cannot be expanded (${path}).`)
  }
  return { ...object, [head]: rest.length === 0 ? found : expandPath(account, found, rest, path) }
}

function findById(account: Account, id: string) {
  const collections = [
    account.paymentIntents,
    account.paymentMethods,
    account.charges,
    account.customers,
    account.products,
    account.prices,
    account.subscriptions,
    account.invoices,
    account.refunds,
    account.reviews,
  ]
  return collections.map((collection) => collection.get(id)).find((found) => found !== undefined)
}

/** Checkout shows its lines only when asked to. */
function lineItemsOf(account: Account, object: object, property: string) {
  if (property !== 'line_items' || !('id' in object)) return undefined
  const id = String(object.id)
  const terms = account.terms.get(id)
  return (
    terms && {
      object: 'list',
      data: terms.lineItems,
      has_more: false,
      url: `/v1/checkout/sessions/${id}/line_items`,
    }
  )
}

/** An invoice shows what pays it only when asked to. */
function paymentsOf(account: Account, object: object, property: string) {
  if (property !== 'payments' || !('object' in object) || object.object !== 'invoice') return undefined
  const id = 'id' in object ? String(object.id) : ''
  return {
    object: 'list',
    data: account.invoicePayments.all().filter(({ invoice }) => invoice === id),
    has_more: false,
    url: `/v1/invoice_payments?invoice=${id}`,
  }
}
