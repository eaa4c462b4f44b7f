import { openConnection } from '@spawnpoint/database'
import type { Connection } from 'mariadb'
import { type Statement, watched } from './watched.ts'

/** How the server finds the rows of one statement, and how many rows and index entries it reads for that. */
type QueryPlan = { way: string; examined: number; sql: string }

export type QueryPlans = AsyncDisposable & {
  /** The same Prisma adapter or raw client; what goes through it is recorded. */
  watch<Client extends object>(client: Client): Client
  /** The plans of what `work` sends, inserts left out. */
  of(work: () => PromiseLike<unknown>): Promise<QueryPlan[]>
  /**
   * The different ways among them, such as `select outbox by outbox_published_at_seq_idx`: `whole` is a table read without an
   * index, `sorted` what no index has in order. Throws where a statement examines more than `atMost`.
   */
  ways(work: () => PromiseLike<unknown>, options?: { atMost?: number | undefined }): Promise<string[]>
}

/** Asks the server for the plans of statements that were really sent, with the values they were sent with. */
export async function openQueryPlans(url: string): Promise<QueryPlans> {
  const connection = await openConnection(url, { bigIntAsNumber: true, timezone: 'Z' })
  let recorded: Statement[] = []

  async function of(work: () => PromiseLike<unknown>): Promise<QueryPlan[]> {
    recorded = []
    await work()
    const plans: QueryPlan[] = []
    // Only now, when no transaction of theirs is open: some of them lock.
    for (const statement of recorded.filter(({ sql }) => readsRows.test(sql)))
      plans.push({ sql: statement.sql, ...(await explain(connection, statement)) })
    return plans
  }

  return {
    watch: (client) => watched(client, (statement) => recorded.push(statement)),
    of,
    async ways(work, { atMost = 1_000 } = {}) {
      const plans = await of(work)
      const costly = plans.find(({ examined }) => examined > atMost)
      if (costly)
        throw new Error(`${costly.way}: ${costly.examined} rows examined, not ${atMost}\n${costly.sql}`)
      return [...new Set(plans.map(({ way }) => way))]
    },
    [Symbol.asyncDispose]: () => connection.end(),
  }
}

const readsRows = /^[\s(]*(?:SELECT|UPDATE|DELETE)\b/i

async function explain(connection: Connection, { sql, values }: Statement) {
  const steps: Step[] = await connection.query(`EXPLAIN FORMAT = TRADITIONAL ${sql}`, values)
  return { way: wayOf(sql, steps), examined: await countExamined(connection, { sql, values }) }
}

type Step = { table: string | null; key: string | null; Extra: string | null }

function wayOf(sql: string, steps: Step[]): string {
  const verb = readsRows.exec(sql)?.[0].replace('(', '').trim().toLowerCase()
  const tables = steps.flatMap(({ table, key }) =>
    table === null || table.startsWith('<') ? [] : [key === null ? `${table} whole` : `${table} by ${key}`],
  )
  const isSorted = steps.some(({ Extra }) => /filesort/.test(Extra ?? ''))
  // A row that was looked up for the plan, and is not there, has no table any more.
  return [`${verb} ${tables.join(', ') || 'by a key'}`, ...(isSorted ? ['sorted'] : [])].join(', ')
}

// By doing it once more: a plan only guesses how many.
async function countExamined(connection: Connection, { sql, values }: Statement): Promise<number> {
  // What an index alone rules out is examined, too, and would not be counted.
  await connection.query(`SET optimizer_switch = 'index_condition_pushdown=off'`)
  // Ends any transaction, and so comes before it.
  await connection.query('FLUSH STATUS')
  await connection.query('START TRANSACTION')
  try {
    await connection.query(sql, values)
    const reads: { Value: string }[] = await connection.query(`SHOW SESSION STATUS LIKE 'Handler_read%'`)
    return reads.reduce((sum, { Value }) => sum + Number(Value), 0)
  } finally {
    await connection.query('ROLLBACK')
    await connection.query(`SET optimizer_switch = 'index_condition_pushdown=on'`)
  }
}
