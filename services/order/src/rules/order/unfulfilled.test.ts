import { billingStatuses, orderStatuses } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import { alarmOf, type Watched } from './unfulfilled.ts'

const now = new Date('2026-11-23T12:00:00Z')
const patienceMs = 300_000

test.each(['paid', 'provisioning'] as const)(
  '%s is late after five minutes, and not a moment before',
  (status) => {
    expect(alarm({ status, paid_at: ago(patienceMs) })).toBeNull()
    expect(alarm({ status, paid_at: ago(patienceMs + 1) })).toBe('late')
  },
)

test('an order that failed is an alarm at once', () => {
  expect(alarm({ status: 'error', paid_at: now })).toBe('failed')
})

test('there is no alarm with a server or without a payment', () => {
  const paid_at = ago(10 * patienceMs)
  for (const status of ['pending', 'provisioned', 'suspended', 'terminated', 'cancelled'] as const)
    expect(alarm({ status, paid_at })).toBeNull()
  for (const status of orderStatuses)
    for (const billing_status of billingStatuses.filter((money) => money !== 'paid'))
      expect(alarm({ status, billing_status, paid_at })).toBeNull()
})

test.each(['ended', 'past_due'] as const)(
  'nor is it over when the money is %s, as long as nobody has ended it',
  (billing_status) => {
    const failed = { status: 'error', billing_status, paid_at: now, is_delivered: false } as const
    expect(alarm({ ...failed, desired: 'none' })).toBe('failed')
    expect(alarm({ ...failed, desired: 'terminated' })).toBeNull()
    expect(alarm({ ...failed, is_delivered: true })).toBeNull()
  },
)

function alarm(order: Pick<Watched, 'status' | 'paid_at'> & Partial<Watched>) {
  return alarmOf(
    { billing_status: 'paid', desired: 'running', is_delivered: true, ...order },
    { now, patienceMs },
  )
}

function ago(ms: number): Date {
  return new Date(now.getTime() - ms)
}
