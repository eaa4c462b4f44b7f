import type Stripe from 'stripe'
import type { Account } from './account.ts'
import { missing } from './api/api-error.ts'
import { expireDueSessions } from './checkout/expire-session.ts'
import { type Outcome, paySession, settleSession } from './checkout/pay-session.ts'
import type { SnapshotEvent } from './events.ts'
import type { ApiFault, Faults, WebhookFault } from './faults.ts'
import { updateRefund } from './refunds.ts'
import { type Attempt, type Deliveries, isAccepted } from './webhooks/deliver.ts'
import type { EndpointOptions, Endpoints } from './webhooks/endpoints.ts'

export type StripeControl = ReturnType<typeof createControl>

/** The hand on the simulator: in process for tests, and behind `/_simulator/*` for everybody else. */
export function createControl({
  account,
  endpoints,
  deliveries,
  faults,
  clock,
  calls,
  webhookSecret,
}: {
  account: Account
  endpoints: Endpoints
  deliveries: Deliveries
  faults: Faults
  clock: { now: () => number; advance: (ms: number) => void }
  calls: ReadonlyMap<string, number>
  webhookSecret: string
}) {
  return {
    addWebhook: (url: string, secret = webhookSecret, options: Omit<EndpointOptions, 'secret'> = {}) =>
      endpoints.add(url, { ...options, secret }),
    removeWebhook: (id: string) => endpoints.remove(id),

    /** What the buyer does on the payment page. */
    pay(sessionId: string, outcome: Outcome = 'paid', payer?: { email?: string; name?: string }) {
      const { result: session, events } = account.watching(() =>
        paySession(account, sessionId, outcome, payer),
      )
      return { session, events }
    },
    /** The bank's late answer to an `async` payment. */
    settle(sessionId: string, outcome: 'succeeded' | 'failed') {
      const { result: session, events } = account.watching(() => settleSession(account, sessionId, outcome))
      return { session, events }
    },
    updateRefund(refundId: string, status: 'succeeded' | 'pending' | 'failed'): Stripe.Refund {
      return updateRefund(account, refundId, status)
    },

    addApiFault: (fault: ApiFault) => faults.addApiFault(fault),
    addWebhookFault: (fault: WebhookFault) => faults.addWebhookFault(fault),
    removeFaults: (id?: string) => faults.remove(id),

    events: (): readonly SnapshotEvent[] => account.events.all(),
    deliveries: (event?: string): readonly Attempt[] =>
      deliveries.attempts().filter((attempt) => event === undefined || attempt.event === event),
    /** Sends an event to every endpoint once more, as the dashboard's button does. */
    async resend(eventId: string) {
      const event = account.events.get(eventId)
      if (!event) throw missing('event', eventId)
      await deliveries.send(event)
    },

    /** Moves the account's time on, and lets happen what is due by then; returns the new time in milliseconds. */
    advanceClock(ms: number) {
      clock.advance(ms)
      expireDueSessions(account)
      return clock.now()
    },

    state: () => ({
      objects: account.counts(),
      calls: Object.fromEntries(calls),
      faults: faults.fired(),
      webhooks: endpoints.all(),
      deliveries: outcomes(deliveries.attempts()),
    }),
  }
}

function outcomes(attempts: readonly Attempt[]) {
  const accepted = attempts.filter(isAccepted).length
  const dropped = attempts.filter(({ fault }) => fault === 'drop').length
  return { attempts: attempts.length, accepted, dropped, failed: attempts.length - accepted - dropped }
}
