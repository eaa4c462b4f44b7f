import { type Outage, outageOf } from './errors.ts'

/** What keeps the database from doing its job and what mends that, for a person; null for an error of another kind. */
export function explainOutage(error: unknown): { problem: string; mend: string } | null {
  const kind = outageOf(error)
  return kind && { problem: `${problems[kind]} (${sentenceOf(error)})`, mend: mends[kind] }
}

const problems: Record<Outage, string> = {
  away: 'The database cannot be reached',
  exhausted: 'The database has no connection, thread or memory left',
  read_only: 'The database is read-only: nothing can be stored',
  full: 'The database cannot store: it has no space left, or its storage fails',
  refused: 'The database refuses this user',
}

const mends: Record<Outage, string> = {
  away: 'start the database, or correct DATABASE_URL and restart the service',
  exhausted: 'SET GLOBAL max_connections = …, or end who holds them: SHOW PROCESSLIST',
  read_only:
    'SET GLOBAL read_only = OFF (MySQL also super_read_only), or let DATABASE_URL lead to the primary and restart the service',
  full: "free space on the database's disk (df -h), or raise the limit of its tablespace",
  refused: 'correct user and password in DATABASE_URL, or GRANT the rights; restart the service',
}

/** Without the statement, which the driver adds and which has what was to be stored. */
function sentenceOf(error: unknown): string {
  const { sqlMessage, message } = error as { sqlMessage?: unknown; message?: unknown }
  return String(sqlMessage ?? message ?? error)
    .split('\n', 1)
    .join()
    .slice(0, 200)
}
