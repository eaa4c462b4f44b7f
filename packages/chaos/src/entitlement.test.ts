import { expect, test } from 'vitest'
import type { BillingRecord, ChargeRecord, InvoiceRecord } from './billing-records.ts'
import { entitlementOf } from './entitlement.ts'

const day = 86_400_000
const now = 100 * day
const graceDays = 0.5
const charged: ChargeRecord = { isProcessing: false, amount: 1_499, refunded: 0, dispute: null }

test.each<[string, Partial<BillingRecord>, string]>([
  ['paid for this moment', {}, 'entitled'],
  ['paid for this moment, and a change of it is unpaid', { status: 'past_due' }, 'entitled'],
  ['paused beyond what is paid', { isPaused: true, invoices: [paid(-40, -10)] }, 'entitled'],
  [
    'resumed, and what was asked meanwhile is void',
    { invoices: [paid(-40, -10), asked('void')] },
    'entitled',
  ],
  ['renewing just now', { invoices: [paid(-30, -0.1)] }, 'undecided'],
  ['asked for the renewal', { invoices: [paid(-30, -0.3), asked('open')] }, 'undecided'],
  ['late, within the grace', { status: 'past_due', invoices: [paid(-30, -0.4)] }, 'undecided'],
  ['late, until the next check', { status: 'past_due', invoices: [paid(-30, -0.7)] }, 'undecided'],
  ['late, beyond the grace', { status: 'past_due', invoices: [paid(-30, -0.8)] }, 'not-entitled'],
  ['given up', { status: 'unpaid', invoices: [paid(-30, -9)] }, 'not-entitled'],
  ['over', { status: 'canceled', endedAt: now - day }, 'not-entitled'],
  ['just over', { status: 'canceled', endedAt: now - 0.1 * day }, 'undecided'],
  ['not paid yet', { invoices: [asked('open')] }, 'undecided'],
])('%s', (_, changes, claim) => {
  expect(entitlementOf(record(changes), { now, graceDays }).claim).toBe(claim)
})

test.each<[string, Partial<ChargeRecord>, string]>([
  ['refunded', { refunded: 1_499 }, 'not-entitled'],
  ['refunded in part', { refunded: 1_498 }, 'entitled'],
  ['disputed', { dispute: { id: 'dp_1', state: 'open', at: now - day } }, 'undecided'],
  ['disputed and lost', { dispute: { id: 'dp_1', state: 'lost', at: now - day } }, 'not-entitled'],
  ['disputed and won', { dispute: { id: 'dp_1', state: 'won', at: now - day } }, 'entitled'],
  ['returned lately', { dispute: { id: 'dp_1', state: 'returned', at: now - 0.7 * day } }, 'undecided'],
  ['returned', { dispute: { id: 'dp_1', state: 'returned', at: now - 0.8 * day } }, 'not-entitled'],
])('a present period that is %s; a past one changes nothing', (_, charge, claim) => {
  const present = record({ invoices: [paid(-40, -10), paid(-10, 20, charge)] })
  const past = record({ invoices: [paid(-40, -10, charge), paid(-10, 20)] })
  expect(entitlementOf(present, { now, graceDays }).claim).toBe(claim)
  expect(entitlementOf(past, { now, graceDays }).claim).toBe('entitled')
})

test('a debit under way is neither paid nor late', () => {
  const waiting = { ...asked('open'), charge: { ...charged, isProcessing: true } }
  const late = record({ status: 'past_due', invoices: [paid(-33, -3), waiting] })
  expect(entitlementOf(late, { now, graceDays }).claim).toBe('undecided')
})

function record(changes: Partial<BillingRecord>): BillingRecord {
  return {
    ...{ id: 'sub_1', customer: 'cus_1', status: 'active', endedAt: null, isPaused: false },
    ...{ periodEnd: now + 20 * day, price: 1_499, invoices: [paid(-10, 20)] },
    ...changes,
  }
}

function paid(fromDay: number, toDay: number, charge: Partial<ChargeRecord> = {}): InvoiceRecord {
  const period = { start: now + fromDay * day, end: now + toDay * day }
  return { id: 'in_1', status: 'paid', period, paymentIntent: 'pi_1', charge: { ...charged, ...charge } }
}

function asked(status: string): InvoiceRecord {
  const period = { start: now - day, end: now + 29 * day }
  return { id: 'in_2', status, period, paymentIntent: null, charge: null }
}
