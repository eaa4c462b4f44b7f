import { type billingStatement, paymentSchema, subscriptionSchema } from '@spawnpoint/contracts'
import { join, raw, type Sql, sql, type Transaction } from '@spawnpoint/database'
import type { z } from 'zod'

const atOnce = 50
const onItsWayMs = 60_000

type Request = z.infer<typeof billingStatement.request>
type Reply = z.infer<typeof billingStatement.reply>

/** Replies with a page of payments or subscriptions. */
export function createStatementReader({
  prisma,
  timeScale = 1,
}: {
  prisma: Transaction
  timeScale?: number
}) {
  return async ({ of, after, only, since }: Request): Promise<Reply> => {
    const settled = quiet(onItsWayMs * timeScale)
    const which = only
      ? sql`id IN (${join(only)})`
      : since
        ? sql`${settled} AND ${changedSince(of, since)}`
        : settled
    const states = await readPage(prisma, of, { after, which })
    const last = states.length === atOnce ? (states.at(-1)?.id ?? null) : null
    const all = states.map(({ state }) => JSON.parse(state) as unknown)
    return {
      payments: of === 'payments' ? all.map((state) => paymentSchema.parse(state)) : [],
      subscriptions: of === 'subscriptions' ? all.map((state) => subscriptionSchema.parse(state)) : [],
      next: last,
    }
  }
}

const tables = { payments: raw('payment'), subscriptions: raw('subscription') } as const

function readPage(
  prisma: Transaction,
  of: Request['of'],
  { after, which }: { after: string; which: Sql },
): PromiseLike<{ id: string; state: string }[]> {
  return prisma.$queryRaw<{ id: string; state: string }[]>(
    // Version 0 is a placeholder that events wait for.
    sql`SELECT id, state FROM ${tables[of]}
        WHERE id > ${after} AND version > 0 AND ${which} ORDER BY id LIMIT ${atOnce}`,
  )
}

// In the form that its index supports.
function changedSince(of: Request['of'], since: string): Sql {
  const changed = sql`updated_at >= ${new Date(since)}`
  return of === 'payments'
    ? sql`status IN (${join([...paymentSchema.shape.status.options])}) AND ${changed}`
    : changed
}

function quiet(ms: number): Sql {
  return sql`updated_at <= UTC_TIMESTAMP(3) - INTERVAL ${Math.round(ms * 1_000)} MICROSECOND`
}
