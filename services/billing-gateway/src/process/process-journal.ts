import { setImmediate as nextTurn } from 'node:timers/promises'
import { inTransaction, isDatabaseAway, type Transaction } from '@spawnpoint/database'
import { failpoint, type Logger } from '@spawnpoint/service-kit'
import { eraseNeedless } from '../customers/erase-needless.ts'
import type { PrismaClient } from '../generated/client.ts'
import { applyUpdate } from '../rules/apply-update.ts'
import type { BillingState } from '../rules/billing-state.ts'
import { loadBillingState, saveBillingState } from '../store/billing-state.ts'
import {
  type DueEvent,
  isAnyDue,
  listDue,
  type ProcessingResult,
  recordOutcomes,
  takeDue,
} from '../store/journal.ts'
import { findLinked, wakeWaiting } from '../store/waiting-events.ts'
import { type ParsedEvent, parseStripeEvent } from '../stripe/parse/parse-event.ts'

type Options = {
  prisma: PrismaClient
  livemode: boolean
  /** The most events processed in one transaction. */
  maxBatch: number
  /** Settles when receiving webhooks leaves time for processing, or after this long: receiving has priority. */
  shedLoad?: (atMostMs: number) => Promise<void>
  wakeRelay: () => void
  /** A lookup is pending. */
  wakeLookups?: () => void
  log: Logger
}
type Read = { row: DueEvent; read: ParsedEvent | { error: unknown } }

export type JournalProcessor = {
  /** 0 when nothing more is due. */
  tick(): Promise<number>
  /** An event was just stored: the next tick need not check first whether any is due. */
  expect(): void
  /** Events of the other mode (test or live) since this process started: an endpoint is configured for the wrong one. */
  wrongMode(): number
}

/** One tick over the journal: parses each due event, applies it and publishes the result, all in one commit. */
export function processJournal(options: Options): JournalProcessor {
  let isExpecting = false
  let wrongMode = 0
  let tookMs = 0

  async function processBatch(only: bigint | null = null): Promise<number> {
    const { results, woken } = await processDue(options, only)
    wrongMode += results.filter(
      (result) => result.outcome === 'ignored' && result.reason === 'wrong_mode',
    ).length
    // A batch that is not full was all that was due, except for the events that it woke.
    return results.length < options.maxBatch ? woken : results.length
  }

  return {
    expect: () => {
      isExpecting = true
    },
    wrongMode: () => wrongMode,
    async tick() {
      await options.shedLoad?.(Math.min(longestRestMs, restForEach * tookMs))
      const begun = performance.now()
      const isExpected = isExpecting
      isExpecting = false
      try {
        return isExpected || (await isAnyDue(options.prisma)) ? await processBatch() : 0
      } catch (error) {
        if (isDatabaseAway(error)) throw error
        return await processOneByOne(options, processBatch)
      } finally {
        tookMs = performance.now() - begun
      }
    },
  }
}

// While the process is busy with webhooks, they get nine tenths of its time.
const restForEach = 9
const longestRestMs = 1_000

/** `woken`: how many waiting events are due again because of these. */
type BatchResult = { results: ProcessingResult[]; woken: number }

async function processDue(options: Options, only: bigint | null): Promise<BatchResult> {
  const { prisma, livemode, maxBatch, wakeRelay, wakeLookups, log } = options
  const { results, woken, billing } = await inTransaction(prisma, async (tx) => {
    const rows = await takeDue(tx, maxBatch, only)
    const decided = await decideAll(tx, await readRows(rows, livemode))
    failpoint('translate.before-commit')
    return decided
  })
  failpoint('translate.after-commit')
  if (billing.outgoing.length > 0) wakeRelay()
  if (results.some(({ outcome }) => outcome === 'look')) wakeLookups?.()
  for (const result of results) report(log, result)
  return { results, woken }
}

// Yields to webhooks between two chunks.
async function readRows(rows: DueEvent[], livemode: boolean): Promise<Read[]> {
  const reads: Read[] = []
  for (const row of rows) {
    if (reads.length % chunkSize === chunkSize - 1) await nextTurn()
    reads.push({ row, read: readRow(row, livemode) })
  }
  return reads
}

const chunkSize = 32

function readRow({ body, source, created }: DueEvent, livemode: boolean): Read['read'] {
  try {
    const lookedAt = source === 'seen' ? created : undefined
    return parseStripeEvent(JSON.parse(Buffer.from(body).toString()), { livemode, lookedAt })
  } catch (error) {
    return { error }
  }
}

async function decideAll(tx: Transaction, reads: Read[]): Promise<BatchResult & { billing: BillingState }> {
  const billing = await loadBillingState(
    tx,
    reads.flatMap(({ read }) => ('fact' in read ? [read.fact] : [])),
  )
  const known = new Set(billing.payments.keys())

  const results = reads.map(({ row, read }): ProcessingResult => {
    if ('error' in read) return { ...row, outcome: 'failed', error: read.error }
    if ('ignored' in read) return { ...row, outcome: 'ignored', reason: read.ignored, waitingFor: null }
    const { fact: update, happenedAt } = read
    return { ...row, ...applyUpdate(billing, update, { happenedAt, wasLooked: row.reason === 'looked' }) }
  })

  await saveBillingState(tx, billing, known)
  await recordOutcomes(tx, results)
  const isUnused = ({ read }: Read) => 'ignored' in read && read.ignored === 'type_not_used'
  await eraseNeedless(tx, {
    payments: billing.payments.values(),
    used: reads.filter((each) => !isUnused(each)).map(({ row }) => row),
    unused: reads.filter(isUnused).map(({ row }) => row),
  })
  const waitingFor = results.flatMap((result) =>
    result.outcome === 'ignored' ? (result.waitingFor ?? []) : [],
  )
  const woken = await wakeWaiting(tx, [...billing.links, ...(await findLinked(tx, waitingFor))])
  return { results, woken, billing }
}

/** Isolates an event that cannot be stored, so that it holds up no other. */
async function processOneByOne(
  { prisma, maxBatch, log }: Options,
  processBatch: (only: bigint) => Promise<number>,
): Promise<number> {
  const due = await listDue(prisma, maxBatch)
  for (const row of due) {
    try {
      await processBatch(row.seq)
    } catch (error) {
      if (isDatabaseAway(error)) throw error
      const result: ProcessingResult = { ...row, outcome: 'failed', error }
      await recordOutcomes(prisma, [result])
      report(log, result)
    }
  }
  return due.length
}

function report(log: Logger, result: ProcessingResult): void {
  const event = { event_id: result.eventId, type: result.type }
  switch (result.outcome) {
    case 'done':
      log.info({ ...event, order_id: result.orderId }, result.message)
      break
    case 'ignored':
      log.debug({ ...event, reason: result.reason, waiting_for: result.waitingFor }, 'Stripe event ignored')
      break
    case 'look':
      log.debug({ ...event, target: result.target }, 'Stripe event waits for a lookup')
      break
    case 'failed':
      log.error(
        { ...event, err: result.error },
        'Stripe event could not be processed; it stays in the journal',
      )
      break
    default:
      result satisfies never
  }
}
