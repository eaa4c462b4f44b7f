import { expect, test } from 'vitest'
import { price, recurring } from './price.ts'
import { periodEnd } from './subscription.ts'

const at = (date: string) => Date.parse(date) / 1000
const every = (interval: 'day' | 'week' | 'month' | 'year', count = 1) =>
  price({ recurring: recurring(interval, count) })

test.each([
  ['2026-01-15T10:00:00Z', every('month'), '2026-02-15T10:00:00Z'],
  ['2026-01-31T10:00:00Z', every('month'), '2026-02-28T10:00:00Z'],
  ['2026-12-31T10:00:00Z', every('month', 2), '2027-02-28T10:00:00Z'],
  ['2028-02-29T10:00:00Z', every('year'), '2029-02-28T10:00:00Z'],
  ['2026-01-31T10:00:00Z', every('week', 2), '2026-02-14T10:00:00Z'],
])('a period that starts %s ends on the calendar date', (start, price, end) => {
  expect(periodEnd(at(start), price)).toBe(at(end))
})

test('after a shorter month the day of the month is the anchor’s again', () => {
  const anchor = at('2026-01-31T10:00:00Z')
  expect(periodEnd(at('2026-02-28T10:00:00Z'), every('month'), anchor)).toBe(at('2026-03-31T10:00:00Z'))
  expect(periodEnd(at('2029-02-28T10:00:00Z'), every('year'), at('2028-02-29T10:00:00Z'))).toBe(
    at('2030-02-28T10:00:00Z'),
  )
})
