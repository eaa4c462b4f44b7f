import type { Account } from '../account.ts'
import { missing } from '../api/api-error.ts'
import type { Clock } from '../clock/clock.ts'
import type { SnapshotEvent } from '../events.ts'
import type { ApiFault, Faults, WebhookFault } from '../faults.ts'
import { type Attempt, type Deliveries, isAccepted } from '../webhooks/deliver.ts'
import type { Endpoint, EndpointOptions, Endpoints } from '../webhooks/endpoints.ts'
import { createBillingControl } from './billing-control.ts'
import { createClockControl } from './clock-control.ts'
import { connectEvent, type HandDelivery, thinByHand } from './deliver-by-hand.ts'
import { createMoneyControl } from './money-control.ts'

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
  clock: Clock
  calls: ReadonlyMap<string, number>
  webhookSecret: string
}) {
  return {
    ...createBillingControl(account),
    ...createMoneyControl(account),
    ...createClockControl({ account, clock, deliveriesQuiet: deliveries.quiet }),

    addWebhook: (url: string, secret = webhookSecret, options: Omit<EndpointOptions, 'secret'> = {}) =>
      endpoints.add(url, { ...options, secret }),
    removeWebhook: (id: string) => endpoints.remove(id),
    setWebhook(id: string, status: Endpoint['status']) {
      const endpoint = endpoints.change(id, { status })
      if (!endpoint) throw missing('webhook_endpoint', id)
      return endpoint
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
    /** It is as if it had never been made; what was sent of it is sent. */
    deleteEvent: (eventId: string) => account.events.remove(eventId),
    /** What no object of this account causes by itself: events of connected accounts, and thin ones. */
    async deliver(delivery: HandDelivery) {
      const thin = delivery.kind === 'thin'
      const event = thin ? thinByHand(account, delivery) : connectEvent(account, delivery)
      await (event.object === 'event' ? deliveries.send(event) : deliveries.sendThin(event))
      return event
    },

    state: () => ({
      now: new Date(clock.now()).toISOString(),
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
