import { eventBody, type SnapshotEvent, thinEvent } from '../events.ts'
import type { Faults, WebhookDeed } from '../faults.ts'
import type { Endpoint, Endpoints } from './endpoints.ts'
import { createPauses } from './pauses.ts'
import { type Answer, postWebhook } from './post-webhook.ts'
import { createShuffler } from './shuffle.ts'

export type Attempt = Answer & {
  event: string
  type: string
  endpoint: string
  attempt: number
  fault: WebhookDeed['kind'] | null
}

export type Deliveries = ReturnType<typeof createDeliveries>

/** Live mode tries for up to three days with growing pauses; Stripe does not publish them, these come close. */
const firstPauseMs = 5_000
const longestPauseMs = 6 * 3_600_000
const lastAttempt = 16

/** Posts events to the endpoints that want them, and again until each has answered 2xx. Order between events is not kept. */
export function createDeliveries({
  endpoints,
  faults,
  timeScale,
  answerWithinMs,
  random,
}: {
  endpoints: Endpoints
  faults: Faults
  timeScale: number
  answerWithinMs: number
  random: () => number
}) {
  const attempts: Attempt[] = []
  const untaken = new Map<string, Set<string>>()
  const firstTries = new Map<string, Promise<void>>()
  const closing = new AbortController()
  const { pause, endAll } = createPauses()
  const shuffle = createShuffler(random)

  async function deliver(delivery: Delivery, attempt: number): Promise<void> {
    const deed = faults.takeForDelivery(delivery.event.type)
    if (deed?.kind === 'drop') return record(delivery, attempt, deed, dropped)
    if (deed?.kind === 'delay') await pause(deed.ms)
    const copies = deed?.kind === 'duplicate' ? 1 + deed.copies : 1
    const postAll = () => Promise.all(Array.from({ length: copies }, () => post(delivery, attempt, deed)))
    const taken = await (deed?.kind === 'shuffle' ? shuffle(deed, postAll) : postAll())
    if (taken.includes(true)) untaken.get(delivery.event.id)?.delete(delivery.endpoint.id)
    else if (attempt < lastAttempt) void tryAgainLater(delivery, attempt)
  }

  async function post(delivery: Delivery, attempt: number, deed: WebhookDeed | undefined) {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(answerWithinMs)])
    const answer = await postWebhook(delivery.endpoint, delivery.body, { deed, signal })
    record(delivery, attempt, deed, answer)
    return isAccepted(answer)
  }

  async function tryAgainLater(delivery: Delivery, attempt: number) {
    await pause(Math.min(firstPauseMs * 3 ** (attempt - 1), longestPauseMs) * timeScale)
    if (!closing.signal.aborted) await deliver(delivery, attempt + 1)
  }

  function record(
    { event, endpoint }: Delivery,
    attempt: number,
    deed: WebhookDeed | undefined,
    answer: Answer,
  ) {
    const fault = deed?.kind ?? null
    attempts.push({ event: event.id, type: event.type, endpoint: endpoint.id, attempt, fault, ...answer })
  }

  return {
    /** Starts every delivery of an event; resolves when each endpoint has been tried once. */
    send(event: SnapshotEvent) {
      const wanting = endpoints.listeningTo(event.type)
      untaken.set(event.id, new Set(wanting.map(({ id }) => id)))
      const tries = wanting.map((endpoint) => deliver(asDelivery(event, endpoint, wanting.length), 1))
      const tried = Promise.all(tries).then(() => void firstTries.delete(event.id))
      firstTries.set(event.id, tried)
      return tried
    },
    triedOnce: async (event: string) => firstTries.get(event),

    attempts: (): readonly Attempt[] => attempts,
    /** How many endpoints have not taken it yet. */
    pending: (event: string) => untaken.get(event)?.size ?? 0,

    close() {
      closing.abort()
      endAll()
    },
  }
}

export function isAccepted({ status }: Pick<Answer, 'status'>) {
  return status !== null && status >= 200 && status < 300
}

type Delivery = { event: SnapshotEvent; endpoint: Endpoint; body: string }

function asDelivery(event: SnapshotEvent, endpoint: Endpoint, pending: number): Delivery {
  const sent = { ...event, api_version: endpoint.apiVersion, pending_webhooks: pending }
  return { event, endpoint, body: eventBody(endpoint.payload === 'thin' ? thinEvent(sent) : sent) }
}

const dropped: Answer = { status: null, body: '', error: 'dropped', tookMs: 0 }
