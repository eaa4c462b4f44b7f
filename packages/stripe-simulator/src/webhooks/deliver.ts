import { eventBody, type SnapshotEvent, type ThinEvent, thinEvent } from '../events.ts'
import type { Faults, WebhookFaultEffect } from '../faults.ts'
import type { Endpoint, Endpoints } from './endpoints.ts'
import { createPauses } from './pauses.ts'
import { type Answer, postWebhook } from './post-webhook.ts'
import { pauseBefore, triedForMs } from './retry-schedule.ts'
import { createShuffler } from './shuffle.ts'

export type Attempt = Answer & {
  event: string
  type: string
  endpoint: string
  attempt: number
  fault: WebhookFaultEffect['kind'] | null
}

export type Deliveries = ReturnType<typeof createDeliveries>

/** Posts events to the endpoints that want them, and again until each has answered 2xx. Order between events is not kept. */
export function createDeliveries({
  endpoints,
  faults,
  timeScale,
  answerWithinMs,
  random,
  now,
  wakeAt,
}: {
  endpoints: Endpoints
  faults: Faults
  timeScale: number
  answerWithinMs: number
  random: () => number
  /** The account's clock, in milliseconds. */
  now: () => number
  /** Calls when that clock gets there, in Unix seconds; returns what takes it back. */
  wakeAt: (at: number, act: () => void) => () => void
}) {
  const attempts: Attempt[] = []
  const untaken = new Map<string, Set<string>>()
  const firstTries = new Map<string, Promise<void>>()
  const underWay = new Set<Promise<void>>()
  const closing = new AbortController()
  const { pause, endAll } = createPauses()
  const shuffle = createShuffler(random)

  function deliver(delivery: Delivery, attempt: number): Promise<void> {
    const done: Promise<void> = tryOnce(delivery, attempt).finally(() => void underWay.delete(done))
    underWay.add(done)
    return done
  }

  async function tryOnce(delivery: Delivery, attempt: number): Promise<void> {
    const fault = faults.takeForDelivery(delivery.type)
    if (fault?.kind === 'drop') return record(delivery, attempt, fault, dropped)
    if (fault?.kind === 'delay') await pause(fault.ms)
    const copies = fault?.kind === 'duplicate' ? 1 + fault.copies : 1
    const postAll = () => Promise.all(Array.from({ length: copies }, () => post(delivery, attempt, fault)))
    const taken = await (fault?.kind === 'shuffle' ? shuffle(fault, postAll) : postAll())
    if (taken.includes(true)) untaken.get(delivery.event)?.delete(delivery.endpoint.id)
    else tryAgainLater(delivery, attempt)
  }

  async function post(delivery: Delivery, attempt: number, fault: WebhookFaultEffect | undefined) {
    const signal = AbortSignal.any([closing.signal, AbortSignal.timeout(answerWithinMs)])
    const answer = await postWebhook(delivery.endpoint, delivery.body, { fault, signal })
    record(delivery, attempt, fault, answer)
    return isAccepted(answer)
  }

  /** Whichever comes first: the pause in real time, or the account's clock moved past it. */
  function tryAgainLater(delivery: Delivery, attempt: number) {
    const waitMs = pauseBefore(attempt + 1) * timeScale
    const isGivenUp = now() + waitMs > delivery.since + triedForMs * timeScale
    if (isGivenUp || closing.signal.aborted) return
    let isDue = true
    const again = () => {
      takeBack()
      if (!isDue || closing.signal.aborted || !endpoints.isEnabled(delivery.endpoint.id)) return
      isDue = false
      void deliver(delivery, attempt + 1)
    }
    const takeBack = wakeAt(Math.ceil((now() + waitMs) / 1000), again)
    void pause(waitMs).then(again)
  }

  function record(
    { event, type, endpoint }: Delivery,
    attempt: number,
    fault: WebhookFaultEffect | undefined,
    answer: Answer,
  ) {
    attempts.push({ event, type, endpoint: endpoint.id, attempt, fault: fault?.kind ?? null, ...answer })
  }

  function sendAll(
    { id, type }: { id: string; type: string },
    to: Endpoint[],
    bodyFor: (endpoint: Endpoint) => string,
  ) {
    untaken.set(id, new Set(to.map((endpoint) => endpoint.id)))
    const tries = to.map((endpoint) =>
      deliver({ event: id, type, endpoint, body: bodyFor(endpoint), since: now() }, 1),
    )
    const tried = Promise.all(tries).then(() => void firstTries.delete(id))
    firstTries.set(id, tried)
    return tried
  }

  return {
    /** Starts every delivery of an event; resolves when each endpoint has been tried once. */
    send(event: SnapshotEvent) {
      const wanting = endpoints.listeningTo(event.type)
      return sendAll(event, wanting, (endpoint) => bodyOf(event, endpoint, wanting.length))
    },
    /** An event that only exists as a thin one; every endpoint gets it. */
    sendThin: (event: ThinEvent) => sendAll(event, endpoints.enabled(), () => eventBody(event)),
    triedOnce: async (event: string) => firstTries.get(event),
    /** Resolves when nothing is under way; what waits for its next attempt does not count. */
    async quiet() {
      while (underWay.size > 0) await Promise.all(underWay)
    },

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

type Delivery = { event: string; type: string; endpoint: Endpoint; body: string; since: number }

function bodyOf(event: SnapshotEvent, endpoint: Endpoint, pending: number) {
  const sent = { ...event, api_version: endpoint.apiVersion, pending_webhooks: pending }
  return eventBody(endpoint.payload === 'thin' ? thinEvent(sent) : sent)
}

const dropped: Answer = { status: null, body: '', error: 'dropped', tookMs: 0 }
