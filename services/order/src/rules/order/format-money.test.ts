import { expect, test } from 'vitest'
import { formatMoney } from './format-money.ts'

test.each([
  ['eur', '9.99 EUR'],
  ['huf', '9.99 HUF'],
  ['cop', '9.99 COP'],
  ['idr', '9.99 IDR'],
  ['isk', '9.99 ISK'],
  ['ugx', '9.99 UGX'],
  ['jpy', '999 JPY'],
  ['kwd', '0.999 KWD'],
])('999 minor units of %s, as Stripe charges them, are %s', (currency, written) => {
  expect(formatMoney({ amount: 999, currency })).toBe(written)
})
