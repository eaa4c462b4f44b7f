import type { ConsumerInfo } from 'nats'
import { type Loop, startLoop } from '../jobs/loop.ts'
import { type DurableOptions, ensureDurable } from './durable.ts'

export type Snapshot = {
  /** What the server has for us and has not sent yet. */
  pending: number
  /** The server may send: not all that it allows under way is unanswered. */
  hasRoom: boolean
  /** Messages received so far, and how many of them wait here. */
  received: number
  waiting: number
}

/** Checks periodically that the durable is as it should be, and that its messages still arrive. */
export function startWatchdog({
  received,
  reopen,
  ...options
}: DurableOptions & { received: () => { received: number; waiting: number }; reopen: () => void }): Loop {
  const { nats, name, log, timeScale } = options
  let before: Snapshot | undefined

  async function tick(): Promise<number> {
    if (!nats.isConnected()) {
      before = undefined
      return 0
    }
    const durable = await ensureDurable(options)
    if (!durable) {
      before = undefined
      return 0
    }
    const { info, anew } = durable
    const now = { ...snapshotOf(info), ...received() }
    const stalled = before !== undefined && isStalled(before, now)
    if (stalled) log.warn({ consumer: name, pending: now.pending }, 'The consumer stalled; reopening it')
    if (stalled || anew) reopen()
    before = stalled || anew ? undefined : now
    return 0
  }

  return startLoop({
    tick,
    idleMs: Math.max(1_000, 10_000 * timeScale),
    onError: (error) => log.warn({ err: error, consumer: name }, 'The consumer cannot be checked'),
  })
}

/** The server had messages at both checks, could have sent them, and we received none in between. */
export function isStalled(before: Snapshot, now: Snapshot): boolean {
  return [before, now].every(({ pending, hasRoom, waiting }) => pending > 0 && hasRoom && waiting === 0)
    ? now.received === before.received
    : false
}

function snapshotOf({ num_pending, num_ack_pending, config }: ConsumerInfo) {
  return {
    pending: num_pending,
    hasRoom: num_ack_pending < (config.max_ack_pending ?? Number.POSITIVE_INFINITY),
  }
}
