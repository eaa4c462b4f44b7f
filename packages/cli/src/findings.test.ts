import { expect, test } from 'vitest'
import { type Finding, showFindings } from './findings.ts'

const finding: Finding = {
  seq: 7,
  type: 'payment.succeeded',
  order_id: 'order-1',
  outcome: 'done',
  reason: null,
  effect: {
    fields: { status: { from: 'pending', to: 'paid' }, error: { from: null, to: 'x' } },
    says: ['order.paid'],
  },
}

test('an order is named once, and each of its events lists what it changes', () => {
  const text = showFindings([finding, { ...finding, seq: 12, effect: { fields: {}, says: [] } }], {
    all: false,
  })
  expect(text.split('\n')).toEqual([
    'order    seq  event              outcome  what changes, or why not',
    'order-1  7    payment.succeeded  done     status pending → paid; error – → x; publishes order.paid',
    '         12   payment.succeeded  done     nothing changes',
    '',
  ])
})

test('skipped events are shown only on request', () => {
  const skipped: Finding = { ...finding, outcome: 'skipped', reason: 'done already', effect: null }
  expect(showFindings([skipped], { all: false })).toBe('')
  expect(showFindings([skipped], { all: true })).toContain('skipped  done already')
})
