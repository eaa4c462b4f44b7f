import { raw, type Sql, sql, type Transaction } from '@spawnpoint/database'
import { ensureStream, epochOf, type Nats } from '@spawnpoint/messaging'
import { numbersBelow } from '../numbers-below.ts'

const many = 20_000
const some = 600

const daysAgo = (days: Sql) => sql`UTC_TIMESTAMP(3) - INTERVAL ${days} DAY`

/** A stream, and the tables of a service, as they are after long use: far more that is over than that is at work. */
export async function fillTables(db: Transaction, nats: Nats): Promise<void> {
  const epoch = await fillStream(nats)
  const at = daysAgo(sql`(1 + n MOD 28)`)
  await db.$executeRaw(sql`INSERT INTO outbox
    (event_id, \`key\`, subject, envelope, created_at, next_attempt_at, published_at, stream_seq, stream_epoch)
    SELECT CONCAT('published-', n), n DIV 4, 'payment.failed', REPEAT('x', 300), ${at}, ${at}, ${at}, n + 1, ${epoch}
    FROM ${numbersBelow(many)}`)
  await db.$executeRaw(sql`INSERT INTO inbox (event_id, consumer, batch_id, type, received_at, outcome)
    SELECT CONCAT('received-', n), 'test-billing', 'batch', 'payment.failed', ${at}, 'done' FROM ${numbersBelow(many)}`)
  await db.$executeRaw(sql`INSERT INTO dead_letter
    (event_id, consumer, class, first_error, last_error, subject, envelope, created_at, resolved_at)
    SELECT CONCAT('letter-', n), 'test-billing', IF(n MOD 2, 'refused', 'paid_twice'), 'e', 'e', 'payment.failed', '{}',
      ${at}, IF(n MOD 100, ${at}, NULL) FROM ${numbersBelow(many)}`)
  await db.$executeRaw(sql`INSERT INTO parked_event (event_id, waiting_for, envelope, parked_at)
    SELECT CONCAT('parked-', n), CONCAT('order:', n), '{}', ${at} FROM ${numbersBelow(300)}`)
  await db.$executeRaw(sql`INSERT INTO replay
    (id, request, state, alive_until, next_seq, end_seq, epoch, total, done, counts, created_at, updated_at)
    SELECT CONCAT('replay-', n), '{"stream":"BILLING"}', 'done', ${at}, 1, 1, '', 1, 1, '{}', ${at}, ${at}
    FROM ${numbersBelow(2_000)}`)
  await db.$executeRaw(sql`INSERT INTO replay_finding (replay_id, seq, event_id, type, order_id, outcome)
    SELECT CONCAT('replay-', n DIV 5000), n, n, 'payment.failed', n, 'done' FROM ${numbersBelow(many)}`)
  await db.$executeRaw(sql`${audit} SELECT ${at}, CONCAT('key-', n MOD 5), 'PUT', '/', '/', 200, n, n DIV 4
    FROM ${numbersBelow(many)}`)
  await addWork(db)
  for (const table of ['audit', 'outbox', 'inbox', 'dead_letter', 'parked_event', 'replay', 'replay_finding'])
    await db.$queryRaw(raw(`ANALYZE TABLE ${table}`))
}

const audit = sql`INSERT INTO audit (at, api_key, method, route, path, status, request_id, subject)`

let rounds = 0

/** What waits to be published, and what is so old that it goes. */
export async function addWork(db: Transaction): Promise<void> {
  rounds += 1
  const name = (what: string) => sql`CONCAT(${what}, ${rounds}, '-', n)`
  const now = sql`UTC_TIMESTAMP(3)`
  const before = daysAgo(sql`120`)
  const outbox = sql`INSERT INTO outbox
    (event_id, \`key\`, subject, envelope, created_at, next_attempt_at, published_at, stream_seq, stream_epoch)`
  await db.$executeRaw(sql`${outbox} SELECT ${name('waits-')}, n, 'payment.failed', '{}', ${now}, ${now}, NULL, NULL, NULL
    FROM ${numbersBelow(some)}`)
  await db.$executeRaw(sql`${outbox} SELECT ${name('old-')}, n, 'payment.failed', '{}', ${before}, ${before}, ${before}, n, 'earlier'
    FROM ${numbersBelow(some)}`)
  await db.$executeRaw(sql`INSERT INTO inbox (event_id, consumer, batch_id, type, received_at, outcome)
    SELECT ${name('old-')}, 'test-billing', 'batch', 'payment.failed', ${before}, 'done' FROM ${numbersBelow(some)}`)
  await db.$executeRaw(sql`INSERT INTO dead_letter
    (event_id, consumer, class, first_error, last_error, subject, envelope, created_at, resolved_at)
    SELECT ${name('old-')}, 'test-billing', 'refused', 'e', 'e', 'payment.failed', '{}', ${before}, ${before}
    FROM ${numbersBelow(some)}`)
  await db.$executeRaw(sql`${audit} SELECT ${before}, 'key-0', 'PUT', '/', '/', 200, ${name('old-')}, n
    FROM ${numbersBelow(some)}`)
  const id = `old-${rounds}`
  await db.$executeRaw(sql`INSERT INTO replay
    (id, request, state, alive_until, next_seq, end_seq, epoch, total, done, counts, created_at, updated_at)
    VALUES (${id}, '{"stream":"BILLING"}', 'done', ${before}, 1, 1, '', 1, 1, '{}', ${before}, ${before})`)
  await db.$executeRaw(sql`INSERT INTO replay_finding (replay_id, seq, event_id, type, order_id, outcome)
    SELECT ${id}, n, n, 'payment.failed', n, 'done' FROM ${numbersBelow(some)}`)
}

async function fillStream(nats: Nats): Promise<string> {
  const info = await ensureStream(nats, 'BILLING')
  const client = (await nats.connection()).jetstream()
  for (let from = 0; from < many; from += 1_000)
    await Promise.all(
      Array.from({ length: 1_000 }, (_, n) =>
        client.publish('payment.failed', '{}', { msgID: `published-${from + n}` }),
      ),
    )
  return epochOf(info)
}
