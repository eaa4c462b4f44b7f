import { isDatabaseAway, join, sql, type Transaction } from '@spawnpoint/database'
import { step } from '@spawnpoint/service-kit'

export type JournalEntry = {
  /** The connected account it happened on; '' for the seller's own. */
  account: string
  eventId: string
  type: string
  apiVersion: string | null
  livemode: boolean
  created: Date
  body: Buffer
}

/** `duplicate`: it had been stored before. */
export type Stored = { duplicate: boolean }

export type Journal = {
  /** Settles when the entry is committed; throws `JournalFull` at once when too many wait. */
  append(entry: JournalEntry): Promise<Stored>
  drain(): Promise<void>
}

export class JournalFull extends Error {}

type Waiting = {
  entry: JournalEntry
  resolve: (stored: Stored) => void
  reject: (error: unknown) => void
}

const maxBatchesInFlight = 2
const maxBatchRows = 500
const maxBatchBytes = 4 * 1024 * 1024
const maxQueuedBytes = 64 * 1024 * 1024

/**
 * Group commit: whoever arrives while both batches are in flight shares the next one, so a commit is paid once for many.
 * Nobody waits for a timer: a lone entry leaves at once.
 */
export function openJournal({
  prisma,
  maxQueued = 10_000,
}: {
  prisma: Transaction
  maxQueued?: number
}): Journal {
  const queue: Waiting[] = []
  const inFlight = new Set<Promise<void>>()
  let queuedBytes = 0

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

  return {
    append(entry) {
      if (queue.length >= maxQueued || queuedBytes + entry.body.length > maxQueuedBytes)
        return Promise.reject(new JournalFull(`${queue.length} events wait to be stored`))
      return new Promise((resolve, reject) => {
        queue.push({ entry, resolve, reject })
        queuedBytes += entry.body.length
        pump()
      })
    },
    async drain() {
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
  const byKey = groupByKey(batch)
  try {
    settle(byKey, await insert(prisma, byKey.map(entryOf)))
  } catch (error) {
    if (byKey.length === 1 || isDatabaseAway(error)) rejectAll(batch, error)
    else for (const group of byKey) await commitAlone(prisma, group)
  }
}

async function commitAlone(prisma: Transaction, group: Waiting[]): Promise<void> {
  try {
    settle([group], await insert(prisma, [entryOf(group)]))
  } catch (error) {
    rejectAll(group, error)
  }
}

/** One group for each row to be, in the order of the key, so that two batches lock alike. */
function groupByKey(batch: Waiting[]): Waiting[][] {
  const groups = new Map<string, Waiting[]>()
  for (const waiting of batch) {
    const key = keyOf(waiting.entry)
    groups.set(key, [...(groups.get(key) ?? []), waiting])
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
}

function keyOf({ account, eventId }: Pick<JournalEntry, 'account' | 'eventId'>): string {
  return `${account} ${eventId}`
}

function entryOf(group: Waiting[]): JournalEntry {
  const [first] = group
  if (!first) throw new Error('A group has at least one entry')
  return first.entry
}

/** Gives back the keys of those that were there before. */
async function insert(prisma: Transaction, entries: JournalEntry[]): Promise<Set<string>> {
  const rows = entries.map(
    ({ account, eventId, type, apiVersion, livemode, created, body }) =>
      sql`(${account}, ${eventId}, ${type}, ${apiVersion}, ${livemode}, ${created}, ${body}, UTC_TIMESTAMP(3), 'webhook', UTC_TIMESTAMP(3))`,
  )
  step('journal.before-commit')
  // Never INSERT IGNORE: it would also hide a truncated body.
  const affected = await prisma.$executeRaw(
    sql`INSERT INTO stripe_event
          (account, event_id, type, api_version, livemode, created, body, received_at, source, next_attempt_at)
        VALUES ${join(rows)}
        ON DUPLICATE KEY UPDATE deliveries = deliveries + 1`,
  )
  step('journal.after-commit')
  // MySQL counts an updated row as two.
  return affected === entries.length ? new Set() : knownBefore(prisma, entries)
}

async function knownBefore(prisma: Transaction, entries: JournalEntry[]): Promise<Set<string>> {
  const rows = await prisma.$queryRaw<{ account: string; eventId: string }[]>(
    sql`SELECT account, event_id AS eventId FROM stripe_event
        WHERE event_id IN (${join(entries.map(({ eventId }) => eventId))}) AND deliveries > 1`,
  )
  return new Set(rows.map(keyOf))
}

function settle(groups: Waiting[][], known: Set<string>): void {
  for (const group of groups)
    for (const [index, { entry, resolve }] of group.entries())
      resolve({ duplicate: index > 0 || known.has(keyOf(entry)) })
}

function rejectAll(waiting: Waiting[], error: unknown): void {
  for (const { reject } of waiting) reject(error)
}
