import type { Envelope, Payment } from '@spawnpoint/contracts'
import { empty, inTransaction, isDatabaseAway, type Sql, sql, type Transaction } from '@spawnpoint/database'
import { appendOutbox, newEvent } from '@spawnpoint/messaging'
import { type Logger, step } from '@spawnpoint/service-kit'
import type { PrismaClient } from './generated/client.ts'
import { markTranslated, type Verdict } from './mark-translated.ts'
import { applyFact, type PaymentNews } from './payment.ts'
import { lockPayments, savePayments } from './payments.ts'
import { type Translated, translate } from './translate.ts'

type Options = {
  prisma: PrismaClient
  livemode: boolean
  /** The most that are decided in one transaction. */
  maxList: number
  /** Settles when webhooks leave time for this: they are answered first, what they mean can wait a moment. */
  calm?: () => Promise<void>
  wakeRelay: () => void
  log: Logger
}
type Row = { seq: bigint; eventId: string; type: string; body: Uint8Array; attempts: number }
type Read = { row: Row; read: Translated | { error: unknown } }

/** One round over the journal: what each due event means, its payment and what others hear of it, all in one commit. */
export function translateStripeEvents(options: Options): { tick(): Promise<number> } {
  return {
    async tick() {
      await options.calm?.()
      try {
        return (await isAnyDue(options.prisma)) ? await translateDue(options) : 0
      } catch (error) {
        if (isDatabaseAway(error)) throw error
        return await translateOneByOne(options)
      }
    },
  }
}

// Most ticks find nothing: then one read is all they cost, instead of a transaction.
async function isAnyDue(db: Transaction): Promise<boolean> {
  const due = await db.$queryRaw<unknown[]>(
    sql`SELECT seq FROM stripe_event WHERE processed_at IS NULL AND next_attempt_at <= UTC_TIMESTAMP(3) LIMIT 1`,
  )
  return due.length > 0
}

async function translateDue(options: Options, only: Sql = empty): Promise<number> {
  const { prisma, livemode, maxList, wakeRelay, log } = options
  const { verdicts, published } = await inTransaction(prisma, async (tx) => {
    const rows = await takeDue(tx, maxList, only)
    const decided = await decide(
      tx,
      rows.map((row) => ({ row, read: readRow(row, livemode) })),
    )
    await markTranslated(tx, decided.verdicts)
    step('translate.before-commit')
    return decided
  })
  step('translate.after-commit')
  if (published > 0) wakeRelay()
  for (const verdict of verdicts) report(log, verdict)
  return verdicts.length
}

function takeDue(tx: Transaction, atMost: number, only: Sql): PromiseLike<Row[]> {
  return tx.$queryRaw<Row[]>(
    sql`SELECT seq, event_id AS eventId, type, body, attempts FROM stripe_event
        WHERE processed_at IS NULL AND next_attempt_at <= UTC_TIMESTAMP(3) ${only}
        ORDER BY next_attempt_at LIMIT ${atMost} FOR UPDATE SKIP LOCKED`,
  )
}

function readRow({ body }: Row, livemode: boolean): Read['read'] {
  try {
    return translate(JSON.parse(Buffer.from(body).toString()), { livemode })
  } catch (error) {
    return { error }
  }
}

async function decide(tx: Transaction, reads: Read[]): Promise<{ verdicts: Verdict[]; published: number }> {
  const ids = reads.flatMap(({ read }) => ('fact' in read ? [read.fact.payment_id] : []))
  const locked = await lockPayments(tx, [...new Set(ids)])
  const changed = new Map<string, Payment>()
  const outgoing: Envelope[] = []

  const verdicts = reads.map(({ row, read }): Verdict => {
    if ('error' in read) return { ...row, outcome: 'failed', error: read.error }
    if ('ignored' in read) return { ...row, outcome: 'ignored', reason: read.ignored }
    const { payment_id: id } = read.fact
    const applied = applyFact(changed.get(id) ?? locked.get(id) ?? null, read.fact)
    if ('ignored' in applied) return { ...row, outcome: 'ignored', reason: applied.ignored }
    const { payment, event } = applied
    changed.set(id, payment)
    outgoing.push(paymentEvent(event, payment, read.happenedAt))
    return { ...row, outcome: 'done', payment }
  })

  await savePayments(tx, [...changed.values()], new Set(locked.keys()))
  await appendOutbox(tx, outgoing)
  return { verdicts, published: outgoing.length }
}

function paymentEvent(type: PaymentNews, payment: Payment, happenedAt: Date): Envelope {
  return newEvent({
    source: 'billing-gateway',
    // Several Stripe events may say the same of one session: the effect is the cause, not the event.
    cause: `${payment.payment_id}/${payment.status}`,
    type,
    subject: payment.payment_id,
    version: payment.version,
    data: payment,
    time: happenedAt,
  })
}

/** So that the one event that cannot be written down holds up nobody but itself. */
async function translateOneByOne(options: Options): Promise<number> {
  const due = await options.prisma.$queryRaw<Row[]>(
    sql`SELECT seq, event_id AS eventId, type, attempts FROM stripe_event
        WHERE processed_at IS NULL AND next_attempt_at <= UTC_TIMESTAMP(3) ORDER BY next_attempt_at LIMIT ${options.maxList}`,
  )
  for (const row of due) {
    try {
      await translateDue(options, sql`AND seq = ${row.seq}`)
    } catch (error) {
      if (isDatabaseAway(error)) throw error
      const verdict: Verdict = { ...row, outcome: 'failed', error }
      await markTranslated(options.prisma, [verdict])
      report(options.log, verdict)
    }
  }
  return due.length
}

function report(log: Logger, verdict: Verdict): void {
  const bound = log.child({ event_id: verdict.eventId, type: verdict.type })
  switch (verdict.outcome) {
    case 'done': {
      const { payment_id, order_id, status } = verdict.payment
      bound.info({ order_id }, `Payment ${status}: ${payment_id}`)
      break
    }
    case 'ignored':
      bound.debug({ reason: verdict.reason }, 'Stripe event ignored')
      break
    case 'failed':
      bound.error({ err: verdict.error }, 'Stripe event not understood; it stays in the journal')
      break
    default:
      verdict satisfies never
  }
}
