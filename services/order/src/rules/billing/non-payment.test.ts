import type { PaymentState, Subscription } from '@spawnpoint/contracts'
import { describe, expect, test } from 'vitest'
import { subscription } from '../../../test/fixtures.ts'
import { nonPaymentOf } from './non-payment.ts'
import { paidPeriod } from './period.ts'

const now = Date.parse('2026-12-03T00:00:00.000Z')
const day = 86_400_000
const iso = (days: number) => new Date(now + days * day).toISOString()

// The period that is paid ended two days ago; the next one was asked for.
const ended = iso(-2)
const nextEnd = iso(28)

function paid(changes: Partial<PaymentState> = {}): PaymentState {
  return {
    ...{ payment_id: 'sub_1', version: 1, kind: 'first', status: 'succeeded', subscription_id: 'sub_1' },
    paid: { amount: 999, currency: 'eur' },
    ...{ refunded: 0, refund_pending: 0, dispute: null, fraud_warning: null },
    ...{ paid_from: iso(-32), paid_until: ended },
    ...changes,
  }
}

const renewal = (changes: Partial<PaymentState>) =>
  paid({ payment_id: 'in_2', kind: 'renewal', paid_from: ended, paid_until: nextEnd, ...changes })

type Row = [
  what: string,
  subscription: Partial<Subscription>,
  renewals: PaymentState[],
  late: false | { since: string; isGivenUp: boolean },
]

// The table "What counts as late" of the README, row by row.
const rows: Row[] = [
  ['active, nothing asked for yet', {}, [], false],
  [
    'active, an invoice that was never tried',
    {},
    [renewal({ status: 'pending', invoice_status: 'open' })],
    false,
  ],
  ['active, a draft', {}, [renewal({ status: 'failed', invoice_status: 'draft' })], false],
  ['active, a voided invoice', {}, [renewal({ status: 'failed', invoice_status: 'void' })], false],
  [
    'active, an invoice given up without a try',
    {},
    [renewal({ status: 'failed', invoice_status: 'uncollectible' })],
    false,
  ],
  [
    'active, a failed renewal',
    {},
    [renewal({ status: 'failed', invoice_status: 'open' })],
    { since: ended, isGivenUp: false },
  ],
  ['active, an invoice given up after tries', { uncollectible: true }, [], { since: ended, isGivenUp: true }],
  ['past_due', { status: 'past_due' }, [], { since: ended, isGivenUp: false }],
  [
    'past_due, a bank debit under way',
    { status: 'past_due' },
    [renewal({ status: 'pending', processing: true, invoice_status: 'open' })],
    false,
  ],
  ['past_due, the period paid meanwhile', { status: 'past_due', paid_until: nextEnd }, [renewal({})], false],
  ['past_due, paid out of band', { status: 'past_due' }, [renewal({ collected: 0 })], false],
  ['unpaid', { status: 'unpaid' }, [], { since: ended, isGivenUp: true }],
  ['unpaid, the period paid a moment ago', { status: 'unpaid' }, [renewal({})], false],
  [
    'paused: a trial without a payment method, or the last try failed',
    { status: 'paused' },
    [],
    { since: ended, isGivenUp: true },
  ],
  ['trialing', { status: 'trialing', trial_end: iso(9) }, [], false],
  ['trialing, as read before the trial ended', { status: 'trialing', trial_end: iso(-1) }, [], false],
  [
    'trialing, as read before the trial ended, and its renewal failed',
    { status: 'trialing', trial_end: iso(-1) },
    [renewal({ status: 'failed', invoice_status: 'open', paid_from: iso(-1) })],
    { since: iso(-1), isGivenUp: false },
  ],
  [
    'past_due, the invoice of the period before voided',
    { status: 'past_due' },
    [renewal({ status: 'failed', invoice_status: 'void', paid_until: iso(-1) })],
    { since: iso(-1), isGivenUp: false },
  ],
  [
    'past_due, and the unpaid invoice is about time that is paid',
    { status: 'past_due' },
    [renewal({ status: 'failed', invoice_status: 'open', paid_from: iso(-20) })],
    { since: ended, isGivenUp: false },
  ],
  [
    'past_due after an extended trial',
    { status: 'past_due', trial_end: iso(-1) },
    [],
    { since: iso(-1), isGivenUp: false },
  ],
  [
    'sent, not due yet',
    { collection_method: 'send_invoice' },
    [renewal({ status: 'pending', invoice_status: 'open', due_at: iso(5) })],
    false,
  ],
  [
    'sent, over its due date',
    { collection_method: 'send_invoice', status: 'past_due' },
    [renewal({ status: 'failed', invoice_status: 'open', due_at: iso(-1) })],
    { since: iso(-1), isGivenUp: false },
  ],
  ['canceled: another matter than lateness', { status: 'canceled' }, [], false],
  ...(['keep_as_draft', 'mark_uncollectible', 'void'] as const).flatMap((behavior): Row[] => [
    [`collection paused (${behavior})`, { pause_collection: { behavior, resumes_at: null } }, [], false],
    [
      `collection paused (${behavior}), an invoice given up`,
      { pause_collection: { behavior, resumes_at: null }, uncollectible: true },
      [renewal({ status: 'failed', invoice_status: 'uncollectible' })],
      false,
    ],
    [
      `collection paused (${behavior}), past_due`,
      { status: 'past_due', pause_collection: { behavior, resumes_at: null } },
      [],
      false,
    ],
  ]),
  [
    'a direct debit that the bank returned',
    {},
    [renewal({ returned: true, disputed_at: iso(-1) })],
    { since: iso(-1), isGivenUp: false },
  ],
]

describe('What counts as late', () => {
  test.each(rows)('%s', (_, changes, renewals, late) => {
    const known = subscription({
      paid_until: ended,
      paid_from: iso(-32),
      current_period_end: nextEnd,
      ...changes,
    })
    const payments = [paid(), ...renewals]
    const paidUntil = paidPeriod(payments, known)?.end ?? null
    const found = nonPaymentOf({ payments, subscription: known, paidUntil, now })
    if (late === false) expect(found).toBeNull()
    else expect(found).toMatchObject({ since: Date.parse(late.since), isGivenUp: late.isGivenUp })
  })
})

describe('The period that is paid', () => {
  const change = (from: string, until: string) =>
    paid({ payment_id: 'in_9', kind: 'change', paid_from: from, paid_until: until })

  test('is the one that begins last, also where that ends earlier', () => {
    const yearly = paid({ paid_from: iso(-32), paid_until: iso(333) })
    expect(paidPeriod([yearly, change(iso(-5), iso(25))], null)?.end).toBe(Date.parse(iso(25)))
  })

  test('a returned direct debit is not paid, whatever the subscription says', () => {
    const returned = renewal({ returned: true })
    const known = subscription({ paid_from: ended, paid_until: nextEnd })
    expect(paidPeriod([paid(), returned], known)?.end).toBe(Date.parse(ended))
  })

  test('of before its begin was recorded is the one that ends last', () => {
    const { paid_from: _, ...old } = paid()
    const { paid_from: __, ...older } = paid({ paid_until: iso(-32) })
    expect(paidPeriod([older, old], null)?.end).toBe(Date.parse(ended))
  })
})
