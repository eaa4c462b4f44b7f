import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchLogins } from './failed-logins.ts'
import { createLogger } from './logger.ts'

const address = '192.0.2.1'
const log = createLogger({ service: 'test', level: 'silent' })
let lines: unknown[]
let logins: ReturnType<typeof watchLogins>

beforeEach(() => {
  vi.useFakeTimers()
  lines = []
  vi.spyOn(log, 'warn').mockImplementation((line) => void lines.push(line))
  logins = watchLogins(log)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

function fail(times: number, from = address): void {
  for (let n = 0; n < times; n += 1) logins.failed(from, 'unknown')
}

test('the twentieth failure within a minute throttles the address for the rest of that minute', () => {
  fail(19)
  expect(logins.throttledFor(address)).toBeNull()
  vi.advanceTimersByTime(10_000)
  fail(1)
  expect(logins.throttledFor(address)).toBe(50)
  expect(logins.throttledFor('192.0.2.2')).toBeNull()
  vi.advanceTimersByTime(49_999)
  expect(logins.throttledFor(address)).toBe(1)
  vi.advanceTimersByTime(1)
  expect(logins.throttledFor(address)).toBeNull()
})

test('nineteen failures a minute throttle nobody', () => {
  for (let minute = 0; minute < 5; minute += 1) {
    fail(19)
    expect(logins.throttledFor(address)).toBeNull()
    vi.advanceTimersByTime(60_000)
  }
})

test('an address that showed a valid key within the hour is listened to', () => {
  logins.succeeded(address)
  fail(600)
  expect(logins.throttledFor(address)).toBeNull()
  vi.advanceTimersByTime(59 * 60_000)
  fail(20)
  expect(logins.throttledFor(address)).toBeNull()
  vi.advanceTimersByTime(60_000)
  fail(20)
  expect(logins.throttledFor(address)).toBe(60)
})

test('a burst is logged when it begins, and with its count when it is over', () => {
  fail(600)
  vi.advanceTimersByTime(30_000)
  logins.throttledFor(address)
  expect(lines).toEqual([{ address, reason: 'unknown' }])
  vi.advanceTimersByTime(90_000)
  expect(lines).toEqual([
    { address, reason: 'unknown' },
    { address, failures: 601, seconds: 30 },
  ])
  fail(1)
  vi.advanceTimersByTime(120_000)
  expect(lines.slice(2)).toEqual([{ address, reason: 'unknown' }])
  expect(vi.getTimerCount()).toBe(0)
})

test('a burst that does not end is told of every hour', () => {
  for (let second = 0; second < 2 * 3_600 + 60; second += 30) {
    fail(1)
    vi.advanceTimersByTime(30_000)
  }
  expect(lines.filter((line) => 'failures' in Object(line))).toHaveLength(2)
})

test('ten thousand addresses are known, and the oldest makes room for the next', () => {
  for (let n = 0; n < 10_001; n += 1) fail(20, `10.0.${n >> 8}.${n & 255}`)
  expect(logins.throttledFor('10.0.0.0')).toBeNull()
  expect(logins.throttledFor('10.0.0.1')).toBe(60)
  expect(lines.filter((line) => 'failures' in Object(line))).toEqual([
    { address: '10.0.0.0', failures: 20, seconds: 0 },
  ])
})

test('valid keys of ten thousand addresses are remembered, and forgotten in the order in which they were last shown', () => {
  const [first, second] = ['10.0.0.0', '10.0.0.1']
  for (let n = 0; n < 10_000; n += 1) logins.succeeded(`10.0.${n >> 8}.${n & 255}`)
  logins.succeeded(first)
  logins.succeeded('10.9.9.9')
  fail(20, first)
  fail(20, second)
  expect([logins.throttledFor(first), logins.throttledFor(second)]).toEqual([null, 60])
})

test('of IPv6 a network of 64 bits is one address', () => {
  for (let n = 0; n < 20; n += 1) logins.failed(`2001:db8:1:2::${n.toString(16)}`, 'missing')
  expect(logins.throttledFor('2001:db8:1:2:ffff::1')).toBe(60)
  expect(logins.throttledFor('2001:db8:1:3::1')).toBeNull()
  fail(20, '::1')
  expect(logins.throttledFor('0:0:0:0:1:2:3:4')).toBe(60)
})

test('without an address nothing is throttled or logged', () => {
  for (let n = 0; n < 100; n += 1) logins.failed(null, 'missing')
  expect(logins.throttledFor(null)).toBeNull()
  expect(lines).toEqual([])
})
