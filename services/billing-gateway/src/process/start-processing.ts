import { startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type Stripe from 'stripe'
import type { PrismaClient } from '../generated/client.ts'
import { createLoadShedding } from './load-shedding.ts'
import { processJournal } from './process-journal.ts'
import { removeProcessedEvents } from './remove-processed-events.ts'
import { createLookups } from './run-lookups.ts'

type Options = {
  prisma: PrismaClient
  stripe: Stripe
  livemode: boolean
  maxBatch: number
  retentionDays: number
  timeScale: number
  /** Whether webhooks are being stored. */
  isReceiving: () => boolean
  wakeRelay: () => void
  log: Logger
}

/** The workers over the journal: processing, lookups at Stripe, and the removal of old events. */
export function startProcessing({ isReceiving, maxBatch, retentionDays, timeScale, ...options }: Options) {
  const { prisma, log } = options
  const journal = processJournal({
    ...options,
    maxBatch,
    shedLoad: createLoadShedding(isReceiving),
    wakeLookups: () => lookups.wake(),
  })
  const processor = startLoop({
    tick: journal.tick,
    idleMs: 500,
    onError: (err) => log.error({ err }, 'Processing the journal failed; retrying'),
  })
  const wake = () => {
    journal.expect()
    processor.wake()
  }
  const removal = removeProcessedEvents({ prisma, retentionDays })
  const remover = startLoop({
    tick: removal.tick,
    idleMs: 3_600_000,
    onError: (err) => log.warn({ err }, 'Removing old Stripe events failed; retrying later'),
  })
  const lookups = startLoop({
    ...createLookups({ ...options, wakeProcessor: wake }),
    idleMs: 5_000 * timeScale,
    onError: (err) => log.warn({ err }, 'Stripe lookups failed; retrying'),
  })
  return {
    /** Something was just stored in the journal. */
    wake,
    wrongMode: journal.wrongMode,
    removed: removal.removed,
    async stop(): Promise<void> {
      await remover.stop()
      await lookups.stop()
      await processor.stop()
    },
  }
}

export type Processing = ReturnType<typeof startProcessing>
