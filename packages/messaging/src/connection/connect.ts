import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises'
import { isNatsUser, replySubject } from '@spawnpoint/contracts'
import { isDatabaseAway, isInterrupted, isRace } from '@spawnpoint/database'
import type { Logger } from '@spawnpoint/service-kit'
import { connect, createInbox, Events, type NatsConnection, NatsError, nuid } from 'nats'
import { natsOptions } from './nats-url.ts'

export type Nats = {
  /** Waits while NATS is away. */
  connection(): Promise<NatsConnection>
  isConnected(): boolean
  /** `everything`: the server lets this user, or anybody, publish what belongs to others. `unknown` until connected. */
  permissions(): 'limited' | 'everything' | 'unknown'
  /**
   * Whether JetStream answered a request. While it is silent although connected, the node may be cut off from the others: another
   * one is tried.
   */
  reportJetStream(how: 'answers' | 'silent'): void
  /** A new subject that only this user may read, for answers of JetStream. */
  inbox(): string
  /** A new subject for the answer to one request to this service. */
  replyFrom(answerer: string): string
  /** Also called at once when connected already, and again after every reconnection. */
  onConnected(listener: () => void): void
  close(): Promise<void>
}

const patienceMs = 2_000

// Nobody listens to it, and no user of ours may publish it.
const probeSubject = 'spawnpoint.permission-probe'

/** Begins to connect and retries for ever: services start, and accept webhooks, with NATS away. */
export function connectNats({ url, name, log }: { url: string; name: string; log: Logger }): Nats {
  const options = natsOptions(url)
  const { user, inboxPrefix } = options
  const inbox = () => createInbox(inboxPrefix)
  const listeners: (() => void)[] = []
  const closing = new AbortController()
  let connected: NatsConnection | undefined
  let up = false
  let permissions: ReturnType<Nats['permissions']> = 'unknown'
  let isProbeRefused = false
  let silentSince: number | undefined
  let leaving: string | undefined

  const connecting = (async () => {
    while (!closing.signal.aborted) {
      try {
        connected = await connect({
          ...options,
          name,
          maxReconnectAttempts: -1,
          reconnectTimeWait: 250,
          // A password that is being changed must not end the connection for good.
          ignoreAuthErrorAbort: true,
          // A node that hangs, or is cut off, does not close the connection.
          pingInterval: 1_500,
          maxPingOut: 2,
          timeout: 5_000,
          // Else each request takes a stack trace beforehand, for the case that it should fail.
          noAsyncTraces: true,
        })
        watch(connected)
        becameUp()
        probe(connected).catch((error) => log.warn({ err: error }, 'The permissions at NATS are unknown'))
        return connected
      } catch (error) {
        log.warn({ err: error }, 'NATS is away; retrying')
        await delay(500, undefined, { signal: closing.signal }).catch(() => {})
      }
    }
    throw new Error('Closed before NATS was there')
  })()
  connecting.catch(() => {})

  function becameUp() {
    up = true
    for (const listener of listeners) listener()
  }

  async function probe(connection: NatsConnection) {
    isProbeRefused = false
    connection.publish(probeSubject)
    await connection.flush()
    await nextTurn()
    const now = isProbeRefused ? 'limited' : 'everything'
    if (now === 'everything' && permissions !== now)
      log.warn(
        'NATS lets this service publish anything, so whoever reaches it may forge payments: give it the users of infra/nats',
      )
    permissions = now
  }

  function reportJetStream(how: 'answers' | 'silent') {
    const now = performance.now()
    if (how === 'answers' || !up) silentSince = undefined
    else silentSince ??= now
    if (silentSince === undefined || now - silentSince < patienceMs || options.servers.length < 2) return
    silentSince = undefined
    leaving = connected?.getServer()
    log.warn({ server: leaving }, 'JetStream does not answer; connecting to another node')
    reconnect()
  }

  function reconnect() {
    connected?.reconnect().catch((error) => log.warn({ err: error }, 'No other node of NATS can be reached'))
  }

  async function watch(connection: NatsConnection) {
    for await (const { type, data, permissionContext: refused } of connection.status()) {
      if (refused?.subject === probeSubject) isProbeRefused = true
      else if (type === Events.Error && refused)
        log.error({ ...refused }, `NATS refuses to ${refused.operation} ${refused.subject} to this user`)
      else if (type === Events.Error) log.warn({ error: data }, 'NATS reported an error')
      if (type === Events.Disconnect) {
        up = false
        log.warn('NATS is away')
      }
      if (type === Events.Reconnect) {
        // The client may choose the same node once more; it takes the next one then.
        const isSame = leaving !== undefined && connection.getServer() === leaving
        leaving = undefined
        if (isSame) {
          reconnect()
          continue
        }
        log.info({ server: connection.getServer() }, 'NATS is back')
        becameUp()
        probe(connection).catch(() => {})
      }
    }
  }

  return {
    connection: () => connecting,
    isConnected: () => up,
    permissions: () => permissions,
    reportJetStream,
    inbox,
    replyFrom: (answerer) => (isNatsUser(user) ? replySubject(user, answerer, nuid.next()) : inbox()),
    onConnected: (listener) => {
      listeners.push(listener)
      if (up) listener()
    },
    close: async () => {
      closing.abort()
      if (!connected) return
      if (up) await connected.drain().catch(() => {})
      else await connected.close()
    },
  }
}

/** Connects once and describes the server; `jetstream` is false where the server runs without it. */
export async function describeNats(url: string): Promise<{ version: string; jetstream: boolean }> {
  const connection = await connect({ ...natsOptions(url), timeout: 2_000, reconnect: false })
  try {
    const { version = 'unknown', jetstream } = connection.info ?? {}
    return { version, jetstream: jetstream === true }
  } finally {
    await connection.close()
  }
}

/** Throws while JetStream does not answer the operator, as that of a cluster without a leader does not. */
export async function jetStreamAnswers(url: string): Promise<void> {
  const connection = await connect({ ...natsOptions(url), timeout: 2_000, reconnect: false })
  try {
    await connection.jetstreamManager({ timeout: 2_000 })
  } finally {
    await connection.close()
  }
}

/** The database or NATS failed for the moment; anything else is a mistake in our code. */
export function isOutage(error: unknown): boolean {
  return error instanceof NatsError || isDatabaseAway(error) || isInterrupted(error) || isRace(error)
}
