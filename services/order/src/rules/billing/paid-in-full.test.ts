import type { Payment } from '@spawnpoint/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { payment } from '../../../test/fixtures.ts'
import { isPaidInFull } from './paid-in-full.ts'

const price = { amount: 999, currency: 'eur' }
const eur = (amount: number, more: Partial<Payment> = {}) =>
  payment({ paid: { amount, currency: 'eur' }, ...more })

test.each([
  ['the price', eur(999)],
  ['the price with tax on top', eur(1188, { tax: 189 })],
  ['the price with the tax inside', eur(999, { tax: 159 })],
  ['the price with tax and shipping on top', eur(1688, { tax: 189, shipping: 500 })],
  ['the price less a discount of ours', eur(799, { discount: 200 })],
  ['the price less a discount, with tax on top', eur(951, { discount: 200, tax: 152 })],
  ['nothing, with a voucher for all of it', eur(0, { discount: 999, nothing_owed: true })],
  ['nothing, in a trial', eur(0, { nothing_owed: true, trial_end: '2026-12-01T00:00:00.000Z' })],
])('%s is in full', (_, paid) => {
  expect(isPaidInFull(paid, price)).toBe(true)
})

test.each([
  ['a cent less', eur(998)],
  ['a cent more', eur(1000)],
  ['nothing, though something was owed', eur(0)],
  ['nothing owed, which neither a discount nor a trial explains', eur(0, { nothing_owed: true })],
  ['nothing owed, of which a discount explains a part', eur(0, { nothing_owed: true, discount: 500 })],
  ['the same number of another currency', payment({ paid: { amount: 999, currency: 'usd' } })],
  ['nothing owed in another currency', payment({ paid: { amount: 0, currency: 'usd' }, nothing_owed: true })],
  ['less, with tax that does not explain it', eur(900, { tax: 98 })],
])('%s is not', (_, paid) => {
  expect(isPaidInFull(paid, price)).toBe(false)
})

test('whatever the price: with its discount, tax and shipping it is in full, and one unit off is not', () => {
  const cents = fc.integer({ min: 2, max: 1_000_000 })
  fc.assert(
    fc.property(cents, fc.nat(1_000_000), fc.nat(1_000_000), fc.nat(1_000_000), (amount, ...rest) => {
      const [off, tax, shipping] = rest
      const discount = off % amount
      const total = amount - discount + tax + shipping
      expect(isPaidInFull(eur(total, { discount, tax, shipping }), { amount, currency: 'eur' })).toBe(true)
      if (tax + shipping === 1) return
      expect(isPaidInFull(eur(total - 1, { discount, tax, shipping }), { amount, currency: 'eur' })).toBe(
        false,
      )
    }),
  )
})
