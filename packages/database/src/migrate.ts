import { randomUUID } from 'node:crypto'
import type { Connection } from 'mariadb'
import { type Migration, readMigrations, sameChecksum } from './migration-files.ts'
import { openConnection } from './open-connection.ts'

export type MigrateOptions = {
  url: string
  /** A `prisma/migrations` folder: `<timestamp>_<name>/migration.sql`. */
  directory: string
  log?: (line: string) => void
  lockTimeoutMs?: number
}

/**
 * Applies what `directory` has and the database has not, in order, and books it in `_prisma_migrations` as
 * `prisma migrate deploy` would, so that both can be used on one database. Safe to call from many processes at once.
 */
export async function migrate({
  url,
  directory,
  log = () => {},
  lockTimeoutMs = 60_000,
}: MigrateOptions): Promise<{ applied: string[] }> {
  const wanted = await readMigrations(directory)
  const connection = await openConnection(url, { multipleStatements: true })
  try {
    await lock(connection, lockTimeoutMs)
    await connection.query(createBookkeeping)
    const todo = pending(wanted, await readBooked(connection), log)
    for (const migration of todo) await apply(connection, migration, log)
    return { applied: todo.map((migration) => migration.name) }
  } finally {
    // Closing the connection frees the lock.
    await connection.end()
  }
}

type Booked = {
  name: string
  checksum: string
  logs: string | null
  startedAt: string
  finishedAt: string | null
}

// Prisma's own lock name: its migrate and ours keep each other out.
async function lock(connection: Connection, timeoutMs: number): Promise<void> {
  const rows: { locked: number | bigint | null }[] = await connection.query(
    'SELECT GET_LOCK(?, ?) AS locked',
    ['prisma_migrate', Math.ceil(timeoutMs / 1000)],
  )
  if (Number(rows[0]?.locked) !== 1) {
    throw new Error(
      `Another migration has held the lock prisma_migrate for ${timeoutMs / 1000} s. ` +
        `SELECT IS_USED_LOCK('prisma_migrate') names its connection.`,
    )
  }
}

async function readBooked(connection: Connection): Promise<Booked[]> {
  return await connection.query(
    `SELECT migration_name AS name, checksum, logs, CAST(started_at AS CHAR) AS startedAt,
            CAST(finished_at AS CHAR) AS finishedAt
     FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name`,
  )
}

function pending(wanted: Migration[], booked: Booked[], log: (line: string) => void): Migration[] {
  for (const row of booked) {
    if (row.finishedAt === null) throw new Error(howToRecover(row))
    const file = wanted.find((migration) => migration.name === row.name)
    if (!file) log(`Migration ${row.name} is in the database but not in this version: left as it is`)
    else if (!sameChecksum(file, row.checksum)) throw new Error(howToUnchange(row))
  }
  return wanted.filter((migration) => !booked.some((row) => row.name === migration.name))
}

async function apply(
  connection: Connection,
  migration: Migration,
  log: (line: string) => void,
): Promise<void> {
  const id = randomUUID()
  const begun = performance.now()
  await connection.query(
    'INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES (?, ?, ?, UTC_TIMESTAMP(3))',
    [id, migration.checksum, migration.name],
  )
  try {
    await connection.query(migration.sql)
  } catch (cause) {
    const logs = cause instanceof Error ? cause.message : String(cause)
    await connection.query('UPDATE _prisma_migrations SET logs = ? WHERE id = ?', [logs, id])
    throw new Error(`Migration ${migration.name} failed`, { cause })
  }
  await connection.query(
    `UPDATE _prisma_migrations SET finished_at = UTC_TIMESTAMP(3), applied_steps_count = applied_steps_count + 1
     WHERE id = ?`,
    [id],
  )
  log(`Migration ${migration.name} applied in ${Math.round(performance.now() - begun)} ms`)
}

function howToRecover(row: Booked): string {
  return [
    `Migration ${row.name}, begun ${row.startedAt} UTC, did not finish: ${row.logs ?? 'the process died before an answer'}`,
    'MySQL cannot roll back CREATE or ALTER, so a part of it may be there. Undo that part by hand, then mark it undone and migrate again:',
    `  UPDATE _prisma_migrations SET rolled_back_at = UTC_TIMESTAMP(3) WHERE migration_name = '${row.name}' AND finished_at IS NULL;`,
    `(the same as: prisma migrate resolve --rolled-back ${row.name})`,
  ].join('\n')
}

function howToUnchange(row: Booked): string {
  return (
    `Migration ${row.name} was changed after it was applied on ${row.finishedAt} UTC. ` +
    'Put its migration.sql back as it was and write the change as a new migration.'
  )
}

const createBookkeeping = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
  id VARCHAR(36) PRIMARY KEY NOT NULL,
  checksum VARCHAR(64) NOT NULL,
  finished_at DATETIME(3),
  migration_name VARCHAR(255) NOT NULL,
  logs TEXT,
  rolled_back_at DATETIME(3),
  started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  applied_steps_count INTEGER UNSIGNED NOT NULL DEFAULT 0
) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`
