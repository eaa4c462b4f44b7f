import { expect, test } from 'vitest'
import { type JournalRow, missedWebhooks } from './missed-webhooks.ts'

const startedAt = new Date('2026-11-30T12:00:00Z')
const now = new Date('2026-11-30T12:10:00Z')
const at = (seconds: number) => new Date(startedAt.getTime() + seconds * 1_000)
const row = (changes: Partial<JournalRow>): JournalRow => ({
  type: 'invoice.paid',
  source: 'backfill',
  deliveries: 0,
  created: at(60),
  ...changes,
})
const missed = (...rows: JournalRow[]) => missedWebhooks(rows, { startedAt, now, patienceMs: 10_000 })

test('what only the list of events brought is missed, with its types and since when', () => {
  expect(missed(row({}), row({ created: at(90), type: 'refund.created' }), row({ created: at(95) }))).toEqual(
    {
      count: 3,
      types: ['invoice.paid', 'refund.created'],
      oldest: at(60),
    },
  )
})

test.each([
  ['a webhook brought it', row({ source: 'webhook', deliveries: 1 })],
  ['its webhook came after the list', row({ deliveries: 1 })],
  ['it happened while nobody listened', row({ created: at(-60) })],
  ['its webhook may still be on its way', row({ created: at(595) })],
  ['it is an answer to a lookup, of which there is no webhook', row({ source: 'seen' })],
])('nothing is missed: %s', (_, one) => {
  expect(missed(one)).toBeNull()
})

test('a type of which a later one arrived arrives again; another type does not answer for it', () => {
  const later = { source: 'webhook', deliveries: 1, created: at(300) }
  expect(missed(row({}), row(later))).toBeNull()
  expect(missed(row({}), row({ ...later, type: 'charge.refunded' }))).toMatchObject({ count: 1 })
})
