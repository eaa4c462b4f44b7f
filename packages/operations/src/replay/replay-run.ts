import type { AnyEvent, StreamName } from '@spawnpoint/contracts'
import type { TransactionClient } from '@spawnpoint/database'
import {
  type ConsumerDefinition,
  epochOf,
  type Found,
  findStream,
  type Nats,
  readStream,
  type StreamPage,
} from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { Tables } from '../tables.ts'
import { oneAhead } from './one-ahead.ts'
import { type Deciding, decideAgain, type Finding, finding } from './replay-decide.ts'
import { knownOf, replayEligibility } from './replay-eligibility.ts'
import { readOutbox, republish } from './replay-outbox.ts'
import { previewOrder, type ShowOrder } from './replay-preview.ts'
import { type Left, openProgress, type Progress } from './replay-progress.ts'
import { isAsked, orderIdOf } from './replay-request.ts'
import { endReplay, type Replay, type Run, readReplay } from './replay-runs.ts'

export type ReplayOptions<Tx> = {
  prisma: TransactionClient<Tx> & Tables
  nats: Nats
  /** The stream that this service fills. Replaying it republishes, out of the outbox, what the stream has lost. */
  ownStream: StreamName
  consumers: ConsumerDefinition<Tx>[]
  show: ShowOrder<Tx>
  wake: () => void
  log: Logger
}

type ReplayConsumer<Tx> = Deciding<Tx> & { accepts: (event: AnyEvent) => boolean }

const batchSize = 64
const previewAtMost = 10_000

/** Runs a replay from where it stands until it is through, aborted, or somebody else's. */
export async function runReplay<Tx extends Tables>(
  options: ReplayOptions<Tx>,
  run: Run,
  stopping: AbortSignal,
): Promise<void> {
  const replay = await readReplay(options.prisma, run.id)
  if (!replay) throw new Error(`There is no replay ${run.id}`)
  const progress = openProgress({ db: options.prisma, run, replay, stopping })
  try {
    await work(options, replay, progress)
    await progress.save()
    await endReplay(options.prisma, run, progress.hasEnded() ? 'aborted' : 'done')
  } catch (error) {
    options.log.error({ err: error, replayId: run.id }, 'A replay failed')
    await endReplay(options.prisma, run, 'failed', String(error))
  } finally {
    progress.close()
  }
}

function work<Tx extends Tables>(options: ReplayOptions<Tx>, replay: Replay, progress: Progress) {
  const { request } = replay
  if (request.stream === options.ownStream) return republishAll(options, replay, progress)
  const consumer = options.consumers.find(({ stream }) => stream === request.stream)
  if (!consumer) throw new Error(`${request.stream} is not consumed here`)
  const { name, decide, accepts = () => true } = consumer
  const deciding = { prisma: options.prisma, consumer: name, decide, accepts }
  return request.dry_run
    ? preview(options, deciding, replay, progress)
    : replayBatches(options, deciding, replay, progress)
}

async function replayBatches<Tx extends Tables>(
  options: ReplayOptions<Tx>,
  deciding: ReplayConsumer<Tx>,
  replay: Replay,
  progress: Progress,
): Promise<void> {
  const { rate } = replay.request
  for await (const page of readAsked(options, replay)) {
    for (const batch of batchesOf(page.found, Math.min(batchSize, rate))) {
      const { decide, left } = await sort(deciding, replay, batch)
      await progress.add(await decideAgain(deciding, decide), left)
      if (decide.length > 0) options.wake()
      if (!(await progress.reach({ nextSeq: lastSeq(batch) + 1, read: batch.length, total: page.total })))
        return
      if (!(await progress.pace(decide.length))) return
    }
    if (!(await progress.reach({ ...page, read: page.unreadable }))) return
  }
}

/** By order, so that each event sees what those before it would have made, in a transaction that is never long. */
async function preview<Tx extends Tables>(
  options: ReplayOptions<Tx>,
  deciding: ReplayConsumer<Tx>,
  replay: Replay,
  progress: Progress,
): Promise<void> {
  const byOrder = new Map<string, Found[]>()
  let held = 0
  const sorted = oneAhead(readAsked(options, replay), async (page) => ({
    page,
    ...(await sort(deciding, replay, page.found)),
  }))
  for await (const { page, decide, left } of sorted) {
    const taken = decide.slice(0, previewAtMost - held)
    held += taken.length
    for (const found of taken) {
      const orderId = orderIdOf(found.event)
      byOrder.set(orderId, [...(byOrder.get(orderId) ?? []), found])
    }
    await progress.add(decide.slice(taken.length).map(notChecked), left)
    if (!(await progress.reach({ ...page, read: page.found.length + page.unreadable }))) return
  }
  for (const [orderId, events] of byOrder) {
    await progress.add(await previewOrder(deciding, options.show, { orderId, events }))
    if (!(await progress.reach({ nextSeq: replay.endSeq + 1, read: 0, total: 0 }))) return
  }
}

async function republishAll<Tx extends Tables>(
  options: ReplayOptions<Tx>,
  replay: Replay,
  progress: Progress,
): Promise<void> {
  const { request } = replay
  const from = { request, fromSeq: replay.nextSeq, toSeq: replay.endSeq }
  for await (const page of readOutbox(options.prisma, from)) {
    for (const batch of batchesOf(page.found, Math.min(batchSize, request.rate))) {
      const findings = await republish(options, request, batch)
      await progress.add(findings)
      if (!(await progress.reach({ nextSeq: lastSeq(batch) + 1, read: batch.length, total: page.total })))
        return
      const published = findings.filter(({ outcome }) => outcome === 'published').length
      if (!(await progress.pace(request.dry_run ? 0 : published))) return
    }
    if (!(await progress.reach({ ...page, read: page.unreadable }))) return
  }
}

async function* readAsked<Tx>({ nats, log }: ReplayOptions<Tx>, replay: Replay): AsyncGenerator<StreamPage> {
  const { stream, type, since, until } = replay.request
  if (replay.nextSeq > replay.endSeq) return
  const info = await findStream(nats, stream)
  if (!info || epochOf(info) !== replay.epoch)
    throw new Error(`${stream} was recreated since this replay began: its sequences mean other events now`)
  const range = { stream, subject: type, fromSeq: replay.nextSeq, toSeq: replay.endSeq }
  for await (const page of readStream({ nats, log }, replay.read === 0 ? { ...range, since } : range)) {
    yield page
    const last = page.found.at(-1)
    if (until && last && last.at > new Date(until)) return
  }
}

async function sort<Tx>({ prisma, accepts }: ReplayConsumer<Tx>, { request }: Replay, batch: Found[]) {
  const asked = batch.filter((found) => isAsked(request, found))
  const [accepted, others] = partition(asked, ({ event }) => accepts(event))
  const known = await knownOf(
    prisma,
    accepted.map(({ event }) => event),
  )
  const decide: Found[] = []
  const left = others.map((found): Left => ({ found, eligibility: notConsumed }))
  const how = { includeIgnored: request.include_ignored, now: new Date() }
  for (const found of accepted) {
    const eligibility = replayEligibility(found.event, known.get(found.event.id), how)
    if (eligibility.decide) decide.push(found)
    else left.push({ found, eligibility })
  }
  return { decide, left }
}

function partition<T>(items: T[], test: (one: T) => boolean): [T[], T[]] {
  const [yes, no]: [T[], T[]] = [[], []]
  for (const one of items) (test(one) ? yes : no).push(one)
  return [yes, no]
}

const notConsumed = { decide: false, outcome: 'skipped', reason: 'not consumed here' } as const

function notChecked(found: Found): Finding {
  return {
    ...finding(found, undefined),
    reason: `a dry run decides ${previewAtMost} events at most: narrow it`,
  }
}

function batchesOf<T>(found: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(found.length / size) }, (_, n) =>
    found.slice(n * size, (n + 1) * size),
  )
}

function lastSeq(batch: Found[]): number {
  return batch.at(-1)?.seq ?? 0
}
