import type { Connection } from 'mariadb'
import { openConnection } from './open-connection.ts'
import { forgetRefusal, lastRefusal } from './refusals.ts'

export type Probe = {
  /** Stores something; how long that took, and how far this process's clock is ahead of the database's. Throws what the server refuses it with. */
  write(): Promise<{ aheadMs: number; tookMs: number }>
  close(): Promise<void>
}

const connectTimeout = 3_000
/** A statement that is not answered by then never is: its connection is given up. */
const patienceMs = 10_000
// A full server refuses one row and takes the next.
const refusedForMs = 8_000

/** Statements that are taken as often as they come; `much` stores more than a table has free by chance, and is rolled back. */
type Writes = { little: string; much: string }

/**
 * Whether the database takes writes, over a connection of its own: a pool that is busy is no database that is away. Where a pool of
 * this process met a full disk or tablespace, as much as a batch needs has to fit before that counts as mended.
 */
export function openProbe(url: string, writes: Writes): Probe {
  let current: Connection | null = null

  async function connected(): Promise<Connection> {
    if (current?.isValid()) return current
    const connection = await openConnection(url, { connectTimeout })
    // What breaks an idle connection is met by the next statement.
    connection.on('error', () => {})
    current = connection
    return connection
  }

  function abandon(): void {
    current?.destroy()
    current = null
  }

  return {
    async write() {
      const late = setTimeout(abandon, patienceMs)
      try {
        const connection = await connected()
        const begun = performance.now()
        await connection.query(writes.little)
        const aheadMs = await clockDifference(connection)
        const tookMs = performance.now() - begun
        const refusal = lastRefusal(url)
        if (refusal) {
          if (performance.now() - refusal.at < refusedForMs) throw refusal.error
          await tryOut(connection, writes.much)
          forgetRefusal(url, refusal)
        }
        return { aheadMs, tookMs }
      } catch (error) {
        if ((error as { fatal?: unknown }).fatal === true) abandon()
        throw error
      } finally {
        clearTimeout(late)
      }
    },
    async close() {
      const connection = current
      current = null
      await connection?.end().catch(() => connection.destroy())
    },
  }
}

// In whole seconds: of a local time with its fraction, an hour of each autumn is ambiguous.
async function clockDifference(connection: Connection): Promise<number> {
  const [row] = await connection.query<{ seconds: bigint | number }[]>('SELECT UNIX_TIMESTAMP() AS seconds')
  return Date.now() - Number(row?.seconds) * 1_000
}

async function tryOut(connection: Connection, write: string): Promise<void> {
  await connection.query('START TRANSACTION')
  try {
    await connection.query(write)
  } finally {
    await connection.query('ROLLBACK')
  }
}
