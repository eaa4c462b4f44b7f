import type { StreamInfo } from 'nats'
import { expect, test } from 'vitest'
import { capacityOf, describeLimits } from './stream-limits.ts'
import { defaultLimits } from './streams.ts'

const asCreated = {
  name: 'BILLING',
  max_msgs: -1,
  max_bytes: defaultLimits.maxBytes,
  max_msgs_per_subject: -1,
  max_age: 30 * 24 * 3_600 * 1e9,
  discard: 'new',
}
const stream = (changed: object, state = { messages: 10, bytes: 5_000 }) =>
  ({ config: { ...asCreated, ...changed }, state }) as StreamInfo

test('a stream as it was created, or that keeps more, has no limit to report', () => {
  expect(describeLimits(stream({}))).toBeNull()
  expect(describeLimits(stream({ max_age: 0 }))).toBeNull()
  expect(describeLimits(stream({ max_bytes: 2 * defaultLimits.maxBytes }))).toBeNull()
  expect(describeLimits(stream({ max_bytes: -1, discard: 'old' }))).toBeNull()
  expect(capacityOf(stream({}))).toBeNull()
})

test.each([
  [{ max_msgs: 3 }, 'max_msgs 3', '--max-msgs=-1'],
  [{ max_bytes: 1_000_000 }, 'max_bytes 1000000', '--max-bytes=536870912'],
  [{ max_msgs_per_subject: 1 }, 'max_msgs_per_subject 1', '--max-msgs-per-subject=-1'],
  [{ max_age: 3_600 * 1e9 }, 'max_age 3600 s', '--max-age=720h'],
  [{ discard: 'old' }, 'discard old', '--discard=new'],
])('%o is reported with the command that resets it', (changed, what, reset) => {
  expect(describeLimits(stream(changed))).toEqual({
    problem: expect.stringContaining(`limited by hand (${what})`),
    mend: expect.stringContaining(`nats stream edit BILLING ${reset}`),
  })
})

test('what fits is the smallest of the limits, and never nothing', () => {
  expect(capacityOf(stream({ max_msgs: 30, max_bytes: 10_000, discard: 'old' }))).toBe(20)
  expect(capacityOf(stream({ max_bytes: 10, discard: 'old' }))).toBe(1)
})

test('a stream that is nearly full is reported with what to raise', () => {
  const state = { messages: 10, bytes: 0.8 * defaultLimits.maxBytes }
  expect(describeLimits(stream({}, state))).toEqual({
    problem: expect.stringContaining('BILLING is 80 % full'),
    mend: expect.stringContaining('raise STREAM_MAX_BYTES'),
  })
  expect(describeLimits(stream({}, { messages: 10, bytes: 0.79 * defaultLimits.maxBytes }))).toBeNull()
})
