import type { EraseField } from '@spawnpoint/operations'

/** Metadata that this service reads; whatever else a seller put there may name a person. */
const ownMetadata = ['order_id', 'plan', 'region', 'refund_request_id', 'spawnpoint_ends_for']

/** Objects, texts and lists of the API that describe a buyer. Source: docs.stripe.com/api, each object's attributes. */
const personal = new Set([
  ...[
    'description',
    'email',
    'name',
    'phone',
    'business_name',
    'individual_name',
    'tax_ids',
    'ip_address',
    'ip',
  ],
  ...['address', 'shipping', 'shipping_details', 'shipping_address_collection', 'collected_information'],
  ...['customer_details', 'billing_details', 'custom_fields', 'receipt_email', 'receipt_url'],
  ...['customer_email', 'customer_name', 'customer_phone', 'customer_address', 'customer_shipping'],
  ...['customer_tax_ids', 'account_tax_ids', 'evidence', 'hosted_invoice_url', 'invoice_pdf'],
  ...['payment_method_details', 'owner', 'fingerprint', 'last4', 'exp_month', 'exp_year', 'iban'],
])

/** Erases a buyer from an object of Stripe's API: ids, amounts, dates and our own metadata stay, and it is read as before. */
export const eraseStripeField: EraseField = (key, value) => {
  if (value === null) return undefined
  if (key === 'metadata') return metadataOf(value)
  // A Checkout page or a portal; of a list it is a path of the API.
  if (key === 'url') return typeof value === 'string' && value.startsWith('http') ? null : undefined
  if (!personal.has(key)) return undefined
  return Array.isArray(value) ? [] : null
}

function metadataOf(value: Parameters<EraseField>[1]): ReturnType<EraseField> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.fromEntries(Object.entries(value).filter(([name]) => ownMetadata.includes(name)))
}
