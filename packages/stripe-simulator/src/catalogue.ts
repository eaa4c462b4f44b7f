import { z } from 'zod'
import { type Account, type Cause, must } from './account.ts'
import { invalidParam, missing, missingParam } from './api/api-error.ts'
import { clearable, currency, expand, flag, integer, mergedMetadata, metadata, text } from './api/params.ts'
import { customer } from './objects/customer.ts'
import { price, recurring } from './objects/price.ts'
import { product } from './objects/product.ts'
import { chooseMethod } from './payments/test-methods.ts'

export const productParams = z.strictObject({
  description: text.optional(),
  expand,
  metadata: metadata.optional(),
  name: text,
})

export const priceParams = z.strictObject({
  active: flag.optional(),
  currency,
  expand,
  lookup_key: text.optional(),
  metadata: metadata.optional(),
  nickname: text.optional(),
  product: text.optional(),
  product_data: productParams.omit({ expand: true }).optional(),
  recurring: z
    .strictObject({
      interval: z.enum(['day', 'week', 'month', 'year']),
      interval_count: integer.pipe(z.number().int().min(1)).optional(),
    })
    .optional(),
  tax_behavior: z.enum(['exclusive', 'inclusive', 'unspecified']).optional(),
  unit_amount: integer.pipe(z.number().int().min(0)),
})

const invoiceSettings = z.strictObject({ default_payment_method: text.optional() })

export const customerParams = z.strictObject({
  /** In minor units; what is negative is credit for the next invoices. */
  balance: integer.optional(),
  description: text.optional(),
  email: z.email().optional(),
  expand,
  invoice_settings: invoiceSettings.optional(),
  metadata: metadata.optional(),
  name: text.optional(),
  payment_method: text.optional(),
  test_clock: text.optional(),
})

export const customerUpdateParams = z.strictObject({
  balance: integer.optional(),
  description: clearable(text).optional(),
  email: clearable(z.email()).optional(),
  expand,
  invoice_settings: invoiceSettings.optional(),
  metadata: clearable(metadata).optional(),
  name: clearable(text).optional(),
})

export function createProduct(account: Account, params: z.infer<typeof productParams>, cause: Cause) {
  const created = account.products.save(
    product({
      created: account.seconds(),
      description: params.description ?? null,
      metadata: params.metadata ?? {},
      name: params.name,
    }),
  )
  account.emit('product.created', created, { cause })
  return created
}

export function createPrice(account: Account, params: z.infer<typeof priceParams>, cause: Cause) {
  const { interval, interval_count } = params.recurring ?? {}
  refuseTaken(account, params.lookup_key)
  const created = account.prices.save(
    price({
      active: params.active ?? true,
      created: account.seconds(),
      currency: params.currency,
      lookup_key: params.lookup_key ?? null,
      metadata: params.metadata ?? {},
      nickname: params.nickname ?? null,
      product: productOf(account, params, cause),
      recurring: interval ? recurring(interval, interval_count) : null,
      tax_behavior: params.tax_behavior ?? 'unspecified',
      unit_amount: params.unit_amount,
    }),
  )
  account.emit('price.created', created, { cause })
  return created
}

export function createCustomer(account: Account, params: z.infer<typeof customerParams>, cause: Cause) {
  const created = account.customers.save(
    customer({
      balance: params.balance ?? 0,
      created: account.seconds(),
      description: params.description ?? null,
      email: params.email ?? null,
      metadata: params.metadata ?? {},
      name: params.name ?? null,
      test_clock: params.test_clock ?? null,
    }),
  )
  account.emit('customer.created', created, { cause })
  const method = params.payment_method ?? params.invoice_settings?.default_payment_method
  if (method !== undefined) return chooseMethod(account, created.id, method)
  // Without a card of its own a customer has one that works, except where a test sets another.
  if (params.test_clock !== undefined) account.cards.set(created.id, 'none')
  return created
}

export function updateCustomer(
  account: Account,
  id: string,
  { balance, description, email, invoice_settings, metadata, name }: z.infer<typeof customerUpdateParams>,
  cause: Cause,
) {
  if (!account.customers.has(id)) throw missing('customer', id)
  const before = must(account.customers, id)
  const changes = {
    ...(balance !== undefined && { balance }),
    ...(description !== undefined && { description }),
    ...(email !== undefined && { email }),
    ...(metadata !== undefined && { metadata: mergedMetadata(before.metadata, metadata) }),
    ...(name !== undefined && { name }),
  }
  const method = invoice_settings?.default_payment_method
  if (method !== undefined) chooseMethod(account, id, method)
  const chosen = must(account.customers, id).invoice_settings
  return account.change(
    account.customers,
    before,
    { ...changes, invoice_settings: chosen },
    'customer.updated',
    cause,
  )
}

function refuseTaken(account: Account, lookupKey: string | undefined) {
  const holder = account.prices.all().find(({ lookup_key }) => lookup_key === lookupKey)
  if (lookupKey === undefined || !holder) return
  throw invalidParam(`A price (\`${holder.id}\`) already uses that lookup key.`, 'lookup_key')
}

function productOf(account: Account, params: z.infer<typeof priceParams>, cause: Cause) {
  if (params.product_data) return createProduct(account, params.product_data, cause).id
  if (params.product === undefined) {
    throw invalidParam(
      'You must specify either `product` or `product_data` when creating a price.',
      'product',
    )
  }
  if (!account.products.has(params.product)) throw missingParam('product', params.product, 'product')
  return params.product
}
