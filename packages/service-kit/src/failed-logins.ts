import { isIPv6 } from 'node:net'
import type { Logger } from './logger.ts'
import { counter } from './metrics.ts'

const failedLogins = counter({
  name: 'spawnpoint_failed_logins_total',
  help: 'Requests without a key that opens anything: missing, unknown, expired, or throttled before the key was looked at',
  labelNames: ['reason'],
})

export type Reason = 'missing' | 'unknown' | 'expired'

const minuteMs = 60_000
const hourMs = 60 * minuteMs
const mostFailures = 20
const mostAddresses = 10_000
const sweepMs = 15_000

/** Failures of one address with no quiet minute between them. `minute` are those since `minuteBegan`. */
type Burst = { beganMs: number; lastMs: number; failures: number; minuteBeganMs: number; minute: number }

export type Logins = {
  /** For how many seconds this address is not listened to; null: it is. */
  throttledFor(address: string | null): number | null
  failed(address: string | null, reason: Reason): void
  succeeded(address: string | null): void
}

/**
 * Counts failed logins, logs the begin and the end of each burst of an address, and stops listening to an address with 20
 * within a minute until that minute is over. An address that has shown a valid key within the last hour is always listened
 * to: others behind the same address do not lock a shop out. Knows 10,000 addresses, and forgets the oldest beyond.
 */
export function watchLogins(log: Logger): Logins {
  const bursts = new Map<string, Burst>()
  const validAt = new Map<string, number>()
  let isSweeping = false

  function count(address: string, reason: string): void {
    const now = performance.now()
    const known = bursts.get(address)
    if (known && isOver(known, now)) end(address, known)
    const burst = bursts.get(address) ?? begin(address, reason, now)
    if (now - burst.minuteBeganMs >= minuteMs) Object.assign(burst, { minuteBeganMs: now, minute: 0 })
    burst.lastMs = now
    burst.failures += 1
    burst.minute += 1
  }

  function begin(address: string, reason: string, now: number): Burst {
    const burst = { beganMs: now, lastMs: now, failures: 0, minuteBeganMs: now, minute: 0 }
    const [oldest] = bursts
    if (oldest && bursts.size >= mostAddresses) end(...oldest)
    bursts.set(address, burst)
    log.warn(
      { address, reason },
      'A login failed; more from this address are counted, and told once they end',
    )
    if (!isSweeping) sweepLater()
    return burst
  }

  function end(address: string, { failures, beganMs, lastMs }: Burst): void {
    bursts.delete(address)
    const seconds = Math.ceil((lastMs - beganMs) / 1_000)
    if (failures > 1) log.warn({ address, failures, seconds }, 'Failed logins of this address')
  }

  function sweep(): void {
    const now = performance.now()
    for (const [address, burst] of bursts) if (isOver(burst, now)) end(address, burst)
    isSweeping = false
    if (bursts.size > 0) sweepLater()
  }

  function sweepLater(): void {
    isSweeping = true
    setTimeout(sweep, sweepMs).unref()
  }

  return {
    throttledFor(given) {
      if (given === null) return null
      const address = grouped(given)
      const burst = bursts.get(address)
      const now = performance.now()
      if (!burst || burst.minute < mostFailures || now - burst.minuteBeganMs >= minuteMs) return null
      if (now - (validAt.get(address) ?? Number.NEGATIVE_INFINITY) < hourMs) return null
      failedLogins.inc({ reason: 'throttled' })
      count(address, 'throttled')
      return Math.ceil((burst.minuteBeganMs + minuteMs - now) / 1_000)
    },
    failed(address, reason) {
      failedLogins.inc({ reason })
      if (address !== null) count(grouped(address), reason)
    },
    succeeded(given) {
      if (given === null) return
      const address = grouped(given)
      // The one heard of last stands last, and is forgotten last.
      validAt.delete(address)
      const [oldest] = validAt.keys()
      if (oldest !== undefined && validAt.size >= mostAddresses) validAt.delete(oldest)
      validAt.set(address, performance.now())
    },
  }
}

// One that never ends is told of every hour.
function isOver({ beganMs, lastMs }: Burst, now: number): boolean {
  return now - lastMs >= minuteMs || now - beganMs >= hourMs
}

/** Of IPv6 the network, of which one customer has all addresses. */
function grouped(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const groups =
    tail === undefined
      ? left
      : [...left, ...Array(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return `${groups.slice(0, 4).join(':')}::/64`
}
