import { describeAge, type Loop, startLoop } from '@spawnpoint/messaging'
import type { Check, Finding, Logger } from '@spawnpoint/service-kit'
import Stripe from 'stripe'

const refused: Finding = {
  problem: 'Stripe refuses the key (wrong, expired or revoked): no checkout can be made',
  mend: 'set STRIPE_SECRET_KEY to a key of Stripe, Developers, API keys, and restart the service; then npx spawnpoint catch-up',
}

const quietMs = 6_000
const patienceMs = 4_000
/** One late answer is none that is missing. */
const silentFromMs = 11_000
/** A permission that was given shows only when the same is tried again. */
const forbiddenForMs = 900_000

/**
 * Watches how Stripe answers all calls, and makes a small one when there was none for six seconds: a wrong or revoked key shows
 * before the next buyer.
 */
export function watchStripe({ stripe, log }: { stripe: Stripe; log: Logger }): Loop & { check: Check } {
  let isRefused = false
  let answeredAt = performance.now()
  let failure: string | null = null
  let hasAsked = false
  const forbidden = new Map<string, number>()

  stripe.on('response', ({ status, method, path }: Stripe.ResponseEvent) => {
    if (status === 401 && !isRefused) log.error(refused.problem)
    isRefused = status === 401
    if (status < 500) {
      answeredAt = performance.now()
      failure = null
    }
    const call = `${method} ${kindOf(path)}`
    if (status === 403) forbidden.set(call, performance.now())
    else if (status < 400) forbidden.delete(call)
  })

  async function tick(): Promise<number> {
    if (hasAsked && performance.now() - answeredAt < quietMs) return 0
    hasAsked = true
    try {
      await stripe.events.list({ limit: 1 }, { timeout: patienceMs, maxNetworkRetries: 0 })
    } catch (error) {
      if (isAnswer(error)) return 0
      failure = String(error)
    }
    return 0
  }

  const loop = startLoop({
    tick,
    idleMs: quietMs / 3,
    onError: (error) => log.warn({ err: error }, 'Stripe could not be watched'),
  })
  return {
    ...loop,
    check: {
      find: async () => {
        if (isRefused) return refused
        const recent = performance.now() - forbiddenForMs
        const calls = [...forbidden].flatMap(([call, at]) => (at > recent ? [call] : []))
        if (calls.length > 0) return describeForbidden(calls)
        const silentMs = performance.now() - answeredAt
        return failure !== null && silentMs > silentFromMs ? describeSilence(failure, silentMs) : null
      },
      mend: refused.mend,
    },
  }
}

function isAnswer(error: unknown): boolean {
  return (
    error instanceof Stripe.errors.StripeError && (error.statusCode ?? 0) > 0 && (error.statusCode ?? 0) < 500
  )
}

/** `/v1/refunds/re_1?limit=1` → `/v1/refunds`. */
function kindOf(path: string): string {
  return path
    .split('?', 1)
    .join()
    .split('/')
    .filter((part) => !/\d/.test(part) || part === 'v1')
    .join('/')
}

function describeForbidden(calls: string[]): Finding {
  return {
    problem: `The Stripe key may not do ${calls.slice(0, 3).join(', ')}: what needs that waits`,
    mend: 'give the restricted key these permissions (Stripe, Developers, API keys, Edit key); then npx spawnpoint catch-up',
  }
}

function describeSilence(failure: string, ms: number): Finding {
  return {
    problem: `Stripe has not answered for ${describeAge(ms / 1_000)} (${failure.slice(0, 160)}): no checkout can be made`,
    mend: 'see https://status.stripe.com and whether this machine reaches api.stripe.com:443; payments follow by themselves, or by npx spawnpoint catch-up',
  }
}
