import { setImmediate as nextTurn } from 'node:timers/promises'
import { isDatabaseAway, type Transaction } from '@spawnpoint/database'
import { failpoint } from '@spawnpoint/service-kit'
import { insertDeliveries, type JournalEntry } from '../store/journal.ts'

export type Journal = {
  /** Settles when the entry is committed; throws `JournalBusy` at once when the queue is full, or when it takes too long. */
  append(entry: JournalEntry): Promise<void>
  /** Whether entries are being stored or queued. */
  isWriting(): boolean
  drain(): Promise<void>
}

export class JournalBusy extends Error {
  constructor(
    readonly code: 'journal_full' | 'journal_slow',
    message: string,
  ) {
    super(message)
  }
}

type Waiting = {
  entry: JournalEntry
  resolve: () => void
  reject: (error: unknown) => void
}

const maxBatchesInFlight = 2
const maxBatchRows = 500
const maxBatchBytes = 4 * 1024 * 1024
const maxQueuedBytes = 64 * 1024 * 1024

/**
 * Group commit: entries of one turn of the event loop, or of the time while both batches are in flight, share the next batch,
 * so many entries cost one commit. There is no timer: a single entry is written as soon as this turn ends.
 */
export function openJournal({
  prisma,
  maxQueued = 10_000,
  maxWaitMs = 8_000,
}: {
  prisma: Transaction
  maxQueued?: number
  maxWaitMs?: number
}): Journal {
  const queue: Waiting[] = []
  const inFlight = new Set<Promise<void>>()
  let queuedBytes = 0
  let leaving: Promise<void> | undefined

  function leave() {
    leaving ??= nextTurn().then(() => {
      leaving = undefined
      pump()
    })
  }

  function pump() {
    while (inFlight.size < maxBatchesInFlight && queue.length > 0) {
      const batch = queue.splice(0, batchLength(queue))
      queuedBytes -= bytesOf(batch)
      const written = commit(prisma, batch).finally(() => {
        inFlight.delete(written)
        pump()
      })
      inFlight.add(written)
    }
  }

  function giveUp(waiting: Waiting) {
    const place = queue.indexOf(waiting)
    if (place !== -1) queuedBytes -= bytesOf(queue.splice(place, 1))
    // An entry in flight may still be stored: Stripe sends it again, and its row counts the delivery.
    waiting.reject(new JournalBusy('journal_slow', `Not stored within ${maxWaitMs} ms`))
  }

  function enter(entry: JournalEntry, resolve: () => void, reject: (error: unknown) => void): Waiting {
    const waiting = { entry, resolve, reject }
    queue.push(waiting)
    queuedBytes += entry.body.length
    leave()
    return waiting
  }

  return {
    async append(entry) {
      if (queue.length >= maxQueued || queuedBytes + entry.body.length > maxQueuedBytes)
        throw new JournalBusy('journal_full', `${queue.length} events wait to be stored`)
      let late: NodeJS.Timeout | undefined
      const stored = new Promise<void>((resolve, reject) => {
        const waiting = enter(entry, resolve, reject)
        late = setTimeout(() => giveUp(waiting), maxWaitMs)
      })
      return stored.finally(() => clearTimeout(late))
    },
    isWriting: () => queue.length + inFlight.size > 0,
    async drain() {
      await leaving
      while (inFlight.size > 0) await Promise.all(inFlight)
    },
  }
}

function batchLength(queue: Waiting[]): number {
  let bytes = 0
  const end = queue.findIndex(({ entry }, index) => {
    bytes += entry.body.length
    return index > 0 && (bytes > maxBatchBytes || index >= maxBatchRows)
  })
  return end === -1 ? queue.length : end
}

function bytesOf(batch: Waiting[]): number {
  return batch.reduce((bytes, { entry }) => bytes + entry.body.length, 0)
}

async function commit(prisma: Transaction, batch: Waiting[]): Promise<void> {
  const groups = groupByKey(batch)
  try {
    await insert(prisma, groups)
    for (const { resolve } of batch) resolve()
  } catch (error) {
    if (isDatabaseAway(error)) rejectAll(batch, error)
    else for (const group of groups) await commitAlone(prisma, group)
  }
}

/** Isolates an event that cannot be stored, so that the others of its batch are. */
async function commitAlone(prisma: Transaction, group: Waiting[]): Promise<void> {
  try {
    await insert(prisma, [group])
    for (const { resolve } of group) resolve()
  } catch (error) {
    rejectAll(group, error)
  }
}

/** One group for each future row, ordered by key, so that two batches lock in the same order. */
function groupByKey(batch: Waiting[]): Waiting[][] {
  const groups = new Map<string, Waiting[]>()
  for (const waiting of batch) {
    const key = keyOf(waiting.entry)
    groups.set(key, [...(groups.get(key) ?? []), waiting])
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}

function keyOf({ account, eventId }: JournalEntry): string {
  return `${account} ${eventId}`
}

async function insert(prisma: Transaction, groups: Waiting[][]): Promise<void> {
  failpoint('journal.before-commit')
  await insertDeliveries(
    prisma,
    groups.map((group) => ({ ...entryOf(group), deliveries: group.length })),
  )
  failpoint('journal.after-commit')
}

function entryOf(group: Waiting[]): JournalEntry {
  const [first] = group
  if (!first) throw new Error('A group has at least one entry')
  return first.entry
}

function rejectAll(waiting: Waiting[], error: unknown): void {
  for (const { reject } of waiting) reject(error)
}
