import { describeAge } from '@spawnpoint/messaging'
import { type Check, counter, type Finding, type Logger } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import type { RefusalCause } from './verify-stripe-signature.ts'

const refusedTotal = counter({
  name: 'spawnpoint_webhooks_refused_total',
  help: 'Deliveries to the webhook route that were refused for their signature, by likely cause',
  labelNames: ['cause'],
})

export type Refusals = {
  refused(cause: RefusalCause, body: Buffer): void
  accepted(): void
  check: Check
}

const burstMs = 60_000
const askEveryMs = 5_000

/**
 * Counts and logs refused deliveries, and tells Stripe's own from those of strangers, who may post anything: one of our secrets
 * signed it, or Stripe has an event of this id. Only what is Stripe's makes the gateway degraded, until a delivery is accepted.
 */
export function watchRefusals({ stripe, log }: { stripe: Stripe; log: Logger }): Refusals {
  let certain: { cause: RefusalCause; eventId: string; at: number; count: number } | null = null
  let loggedAt = Number.NEGATIVE_INFINITY
  let sinceLogged = 0
  let askedAt = Number.NEGATIVE_INFINITY

  function note(cause: RefusalCause, eventId: string): void {
    certain = { cause, eventId, at: certain?.at ?? performance.now(), count: (certain?.count ?? 0) + 1 }
  }

  function report(cause: RefusalCause, eventId: string): void {
    sinceLogged += 1
    const now = performance.now()
    if (now - loggedAt < burstMs) return
    log.warn({ cause, eventId, refused: sinceLogged }, `Webhooks are refused: ${causes[cause].problem}`)
    loggedAt = now
    sinceLogged = 0
  }

  async function ask(cause: RefusalCause, eventId: string): Promise<void> {
    try {
      await stripe.events.retrieve(eventId)
      note(cause, eventId)
    } catch (error) {
      log.debug({ err: error, eventId }, 'A refused event is not known to be of Stripe')
    }
  }

  return {
    refused(cause, body) {
      refusedTotal.inc({ cause })
      const eventId = eventIdIn(body)
      report(cause, eventId ?? 'none')
      if (cause === 'no_signature' || eventId === null) return
      if (cause !== 'other_secret' || certain) return note(cause, eventId)
      if (performance.now() - askedAt < askEveryMs) return
      askedAt = performance.now()
      void ask(cause, eventId)
    },
    accepted() {
      certain = null
    },
    check: {
      find: async () => certain && describe(certain),
      mend: causes.other_secret.mend,
    },
  }
}

function describe({
  cause,
  eventId,
  at,
  count,
}: {
  cause: RefusalCause
  eventId: string
  at: number
  count: number
}): Finding {
  const { problem, mend } = causes[cause]
  const age = describeAge((performance.now() - at) / 1_000)
  return { problem: `${count} webhooks were refused for ${age}, such as ${eventId}: ${problem}`, mend }
}

export const causes: Record<RefusalCause, Finding> = {
  no_signature: {
    problem:
      'the Stripe-Signature header is missing or malformed: this is not a delivery of Stripe, or a proxy removes the header',
    mend: 'let the proxy in front of POST /webhooks/stripe pass all headers',
  },
  clock: {
    problem:
      "the signature is right and its time is more than five minutes from this machine's: the clock is wrong, or the delivery was held up",
    mend: 'timedatectl set-ntp true (or start chrony); then npx spawnpoint catch-up',
  },
  body_changed: {
    problem: 'the body is not the one that Stripe signed: a proxy parses the JSON and writes it out again',
    mend: 'let the proxy in front of POST /webhooks/stripe pass the body as it is; then npx spawnpoint catch-up',
  },
  other_secret: {
    problem:
      "STRIPE_WEBHOOK_SECRET is not this endpoint's signing secret (it may be another endpoint's, or the other mode's), or a proxy changes the body",
    mend: 'copy the signing secret of this endpoint (Stripe, Developers, Webhooks) into STRIPE_WEBHOOK_SECRET, several with commas, and restart the service; then npx spawnpoint catch-up',
  },
}

function eventIdIn(body: Buffer): string | null {
  return /"id"\s*:\s*"(evt_[\w]{1,180})"/.exec(body.subarray(0, 4_096).toString())?.[1] ?? null
}
