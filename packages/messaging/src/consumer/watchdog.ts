import type { ConsumerInfo } from 'nats'
import { type Loop, startLoop } from '../jobs/loop.ts'
import { type DurableOptions, ensureDurable } from './durable.ts'

export type Look = {
  /** What the server has for us and has not sent yet. */
  pending: number
  /** The server may send: not all that it allows under way is unanswered. */
  hasRoom: boolean
  /** Messages received so far, and how many of them wait here. */
  received: number
  waiting: number
}

/** Looks again and again whether the durable is as it should be, and whether we still hear what it has. */
export function startWatchdog({
  received,
  reopen,
  ...options
}: DurableOptions & { received: () => { received: number; waiting: number }; reopen: () => void }): Loop {
  const { nats, name, log, timeScale } = options
  let before: Look | undefined

  async function tick(): Promise<number> {
    if (!nats.isConnected()) {
      before = undefined
      return 0
    }
    const { info, anew } = await ensureDurable(options)
    const now = { ...lookAt(info), ...received() }
    const silent = before !== undefined && isSilent(before, now)
    if (silent)
      log.warn({ consumer: name, pending: now.pending }, 'The consumer fell silent; it is opened again')
    if (silent || anew) reopen()
    before = silent || anew ? undefined : now
    return 0
  }

  return startLoop({
    tick,
    idleMs: Math.max(1_000, 10_000 * timeScale),
    onError: (error) => log.warn({ err: error, consumer: name }, 'The consumer cannot be looked at'),
  })
}

/** The server had messages at both looks, could have sent them, and we received none between. */
export function isSilent(before: Look, now: Look): boolean {
  return [before, now].every(({ pending, hasRoom, waiting }) => pending > 0 && hasRoom && waiting === 0)
    ? now.received === before.received
    : false
}

function lookAt({ num_pending, num_ack_pending, config }: ConsumerInfo) {
  return {
    pending: num_pending,
    hasRoom: num_ack_pending < (config.max_ack_pending ?? Number.POSITIVE_INFINITY),
  }
}
