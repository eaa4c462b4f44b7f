import { eraseFromJson } from '@spawnpoint/operations'
import { describe, expect, test } from 'vitest'
import { eventOfEachTypeAndVersion } from '../../test/each-type.ts'
import { eraseStripeField } from './erase-person.ts'
import { parseStripeEvent } from './parse/parse-event.ts'

const persons = [{ id: null, email: 'player@example.com', name: 'Alex Player' }]
const erase = (event: unknown) => eraseFromJson(JSON.stringify(event), persons, eraseStripeField)
const options = { livemode: false }

const person = {
  email: 'player@example.com',
  name: 'Alex Player',
  phone: '+4912345',
  address: { line1: 'Alex Street 1', city: 'Alex Town', country: 'DE' },
}
/** Whatever objects have of a buyer, as docs.stripe.com/api shows it. */
const described = {
  customer_details: person,
  customer_email: person.email,
  customer_name: person.name,
  customer_address: person.address,
  billing_details: person,
  receipt_email: person.email,
  shipping_details: { name: person.name, address: person.address },
  custom_fields: [{ key: 'nick', text: { value: 'Alex' } }],
  description: 'For player@example.com',
  payment_method_details: { card: { last4: '4242', fingerprint: 'Alex' }, type: 'card' },
  hosted_invoice_url: 'https://invoice.stripe.com/Alex',
}

describe.each(eventOfEachTypeAndVersion())('$event.type in the shape of $version', ({ event }) => {
  test('is read as before once its buyer is erased, but for the buyer', () => {
    const object = event.data.object as unknown as Record<string, unknown>
    const metadata = { ...(object.metadata as object), server_name: "Alex's world", note: 'Alex' }
    const full = { ...event, data: { ...event.data, object: { ...object, ...described, metadata } } }
    const erased = erase(full)
    expect(erased).not.toMatch(/alex|player@|4242|\+49/i)
    expect(parseStripeEvent(JSON.parse(erased), options)).toEqual(
      withoutBuyer(parseStripeEvent(JSON.parse(JSON.stringify(full)), options)),
    )
    expect(erase(JSON.parse(erased))).toBe(erased)
  })
})

function withoutBuyer(parsed: ReturnType<typeof parseStripeEvent>) {
  if ('ignored' in parsed || parsed.fact.about !== 'payment') return parsed
  const { payment } = parsed.fact
  const nobody = { customer_email: null, customer_name: null, server_name: null, invoice_url: null }
  return { ...parsed, fact: { ...parsed.fact, payment: { ...payment, ...nobody } } }
}
