import type Stripe from 'stripe'
import { newId } from '../ids.ts'

export function product(overrides: Partial<Stripe.Product> = {}): Stripe.Product {
  const created = overrides.created ?? Math.floor(Date.now() / 1000)
  return {
    id: newId('prod', 14),
    object: 'product',
    active: true,
    created,
    default_price: null,
    description: null,
    images: [],
    livemode: false,
    marketing_features: [],
    metadata: {},
    name: 'Game server',
    package_dimensions: null,
    shippable: null,
    statement_descriptor: null,
    tax_code: null,
    tax_details: null,
    type: 'service',
    unit_label: null,
    updated: created,
    url: null,
    ...overrides,
  }
}
