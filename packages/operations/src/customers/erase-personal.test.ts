import { customerSchema, forgottenCustomer } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import { eraseFromJson, eraseFromText, eraseOwnField } from './erase-personal.ts'

const persons = [{ id: 'c-7', email: 'alex+1@example.com', name: 'Alex Doe' }]
const erase = (document: unknown) =>
  JSON.parse(eraseFromJson(JSON.stringify(document), persons, eraseOwnField))

test('what stands in place of a forgotten customer is a customer of the contract', () => {
  expect(customerSchema.parse(forgottenCustomer)).toEqual(forgottenCustomer)
})

test('fields that hold a person are erased at any depth, and money and ids stay', () => {
  expect(
    erase({
      id: 'e-1',
      data: {
        order_id: 'o-1',
        customer: persons[0],
        server_name: "Alex's world",
        environment: { MOTD: 'by Alex' },
        price: { amount: 999, currency: 'eur' },
        money: {
          payments: [{ payment_id: 'cs_1', invoice_url: 'https://invoice', customer_email: 'x@y.zz' }],
        },
      },
    }),
  ).toEqual({
    id: 'e-1',
    data: {
      order_id: 'o-1',
      customer: forgottenCustomer,
      server_name: 'Forgotten',
      environment: {},
      price: { amount: 999, currency: 'eur' },
      money: {
        payments: [{ payment_id: 'cs_1', invoice_url: null, customer_email: forgottenCustomer.email }],
      },
    },
  })
})

test('an address is found inside texts in any case, a name only where it is the whole text', () => {
  expect(eraseFromText('The user ALEX+1@example.com has it', persons)).toBe(
    `The user ${forgottenCustomer.email} has it`,
  )
  expect(erase({ note: 'Alex Doe', other: 'Alex Doe-Smith' })).toEqual({
    note: forgottenCustomer.name,
    other: 'Alex Doe-Smith',
  })
  expect(eraseFromText('alexx1@example.com', persons)).toBe('alexx1@example.com')
})

test('a Stripe id under `customer`, null fields and other documents stay byte for byte, also the second time', () => {
  const document = '{ "customer": "cus_1", "customer_email": null, "n": 1.0 }'
  expect(eraseFromJson(document, persons, eraseOwnField)).toBe(document)
  const once = eraseFromJson('{"customer":{"email":"a@b.cc"}}', persons, eraseOwnField)
  expect(eraseFromJson(once, persons, eraseOwnField)).toBe(once)
  expect(eraseFromJson('no json, alex+1@example.com', persons, eraseOwnField)).toBe(
    `no json, ${forgottenCustomer.email}`,
  )
})

test('a document that is nested as deep as a megabyte allows is cut, not refused', () => {
  const deep = `${'[{"a":'.repeat(100_000)}1${'}]'.repeat(100_000)}`
  expect(eraseFromJson(deep, persons, eraseOwnField).length).toBeLessThan(2_000)
})
