import { type Sql, sql, type Transaction } from '@spawnpoint/database'

type Kind = 'sessions' | 'invoices' | 'subscriptions' | 'refunds' | 'disputes'
export type OpenObject = { kind: Kind; id: string }

const atMost = 200

/** Objects that are open here and may have changed at Stripe without an event: the longest untouched first. */
export async function findOpenObjects(db: Transaction): Promise<OpenObject[]> {
  return [
    ...(await find(
      db,
      'sessions',
      sql`SELECT session_id AS id FROM payment
          WHERE status = 'pending' AND session_id IS NOT NULL ORDER BY updated_at LIMIT ${atMost}`,
    )),
    ...(await find(
      db,
      'invoices',
      sql`SELECT invoice_id AS id FROM payment
          WHERE status IN ('pending', 'failed') AND invoice_id IS NOT NULL AND updated_at > UTC_TIMESTAMP(3) - INTERVAL 60 DAY
          ORDER BY updated_at LIMIT ${atMost}`,
    )),
    ...(await find(
      db,
      'refunds',
      sql`SELECT id FROM refund WHERE status IN ('pending', 'requires_action') ORDER BY as_of LIMIT ${atMost}`,
    )),
    ...(await find(
      db,
      'disputes',
      sql`SELECT id FROM dispute
          WHERE status NOT IN ('won', 'lost', 'warning_closed', 'charge_refunded', 'prevented') ORDER BY as_of LIMIT ${atMost}`,
    )),
  ]
}

/** Our subscriptions that have not ended and that Stripe did not list. */
export async function findLostSubscriptions(
  db: Transaction,
  living: ReadonlySet<string>,
): Promise<OpenObject[]> {
  const open = await find(
    db,
    'subscriptions',
    sql`SELECT id FROM subscription WHERE status NOT IN ('canceled', 'incomplete_expired')`,
  )
  return open.filter(({ id }) => !living.has(id))
}

async function find(db: Transaction, kind: Kind, query: Sql): Promise<OpenObject[]> {
  const rows = await db.$queryRaw<{ id: string }[]>(query)
  return rows.map(({ id }) => ({ kind, id }))
}
