import { expect, test } from 'vitest'
import { isStalled, type Snapshot } from './watchdog.ts'

const snapshot = (change: Partial<Snapshot> = {}): Snapshot => ({
  pending: 5,
  hasRoom: true,
  received: 7,
  waiting: 0,
  ...change,
})

test('messages pending at both checks, and none received in between: stalled', () => {
  expect(isStalled(snapshot(), snapshot())).toBe(true)
})

test.each([
  ['something was received', snapshot(), snapshot({ received: 8 })],
  ['nothing was there before', snapshot({ pending: 0 }), snapshot()],
  ['nothing is there any more', snapshot(), snapshot({ pending: 0 })],
  ['what was received is still in progress', snapshot(), snapshot({ waiting: 3 })],
  ['as many are unacknowledged as may be', snapshot(), snapshot({ hasRoom: false })],
])('%s: not stalled', (_, before, now) => {
  expect(isStalled(before, now)).toBe(false)
})
