import type { Database } from '../testbed/database.ts'

const oldRows = 2_000_000
const oldServers = 100_000
const chunk = 100_000

type Table = { name: string; columns: Record<string, string>; rows: number }

/** As if the seller had been in business for long: nothing of it is due, and none of it old enough to be removed. */
export async function loadOldRows({
  billing,
  provisioner,
}: {
  billing: Database
  provisioner: Database
}): Promise<{ rows: number; seconds: number }> {
  const begun = performance.now()
  // One connection each, so that two tables fill at the same time.
  await Promise.all([load(billing, [journal, outbox]), load(provisioner, [inbox, servers])])
  const rows = [journal, outbox, inbox, servers].reduce((sum, table) => sum + table.rows, 0)
  return { rows, seconds: (performance.now() - begun) / 1_000 }
}

async function load(database: Database, tables: Table[]): Promise<void> {
  for (const { name, columns, rows } of tables) {
    for (let from = 0; from < rows; from += chunk)
      await database.execute(
        `INSERT INTO ${name} (${Object.keys(columns)})
         WITH RECURSIVE thousand (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM thousand WHERE i < 999)
         SELECT ${Object.values(columns)}
         FROM (SELECT ${from} + 1000 * hundred.i + thousand.i AS n
               FROM thousand AS hundred JOIN thousand WHERE hundred.i < ${chunk / 1_000}) AS numbered
         ORDER BY n`,
      )
    await database.query(`ANALYZE TABLE ${name}`)
  }
}

// Ids of Stripe's rise with time. Ours are hashes: these are spread over all there can be, so that a new one may fall anywhere.
const stripeId = "CONCAT('evt_0', LPAD(HEX(n), 23, '0'))"
const uuid = `LOWER(CONCAT(LPAD(HEX(n * ${Math.floor(2 ** 32 / oldRows)}), 8, '0'), '-0000-5000-8000-', LPAD(HEX(n), 12, '0')))`

// Past what any stream keeps, so that nothing is published again, and a day short of what housekeeping removes.
const oneAfterTheOther = `INTERVAL n * ${Math.floor((20 * 3_600e6) / oldRows)} MICROSECOND`
const monthAgo = `UTC_TIMESTAMP(3) - INTERVAL 743 HOUR + ${oneAfterTheOther}`

const journal: Table = {
  name: 'stripe_event',
  rows: oldRows,
  columns: {
    event_id: stripeId,
    type: "'checkout.session.completed'",
    livemode: 'FALSE',
    created: monthAgo,
    body: `RPAD(CONCAT('{"id":"', ${stripeId}, '","object":"event"}'), 150, ' ')`,
    received_at: monthAgo,
    source: "'webhook'",
    processed_at: monthAgo,
    next_attempt_at: monthAgo,
    outcome: "'done'",
    room: "''",
  },
}

const outbox: Table = {
  name: 'outbox',
  rows: oldRows,
  columns: {
    event_id: uuid,
    '`key`': "CONCAT('cs_test_', LPAD(n, 20, '0'))",
    subject: "'payment.succeeded'",
    envelope: `RPAD(CONCAT('{"id":"', ${uuid}, '"}'), 130, ' ')`,
    created_at: monthAgo,
    published_at: monthAgo,
    next_attempt_at: monthAgo,
    stream_seq: 'n + 1',
    stream_epoch: "'2026-01-01T00:00:00.000000000Z'",
    room: "''",
  },
}

const inbox: Table = {
  name: 'inbox',
  rows: oldRows,
  columns: {
    event_id: uuid,
    consumer: "'provisioner-order'",
    batch_id: uuid,
    type: "'order.changed'",
    received_at: monthAgo,
    outcome: "'ignored'",
    reason: "RPAD('older_version', 150, ' ')",
  },
}

const servers: Table = {
  name: 'server',
  rows: oldServers,
  columns: {
    order_id: uuid,
    desired: "'running'",
    order_version: '2',
    order_state: "RPAD('{}', 700, ' ')",
    status: "'provisioned'",
    version: '3',
    generation: '1',
    ptero_server_id: 'n + 1',
    created_at: monthAgo,
    updated_at: monthAgo,
  },
}
