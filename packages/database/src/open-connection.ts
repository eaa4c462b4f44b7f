import { type Connection, type ConnectionConfig, createConnection } from 'mariadb'
import { mysqlOptions } from './mysql-url.ts'

/** One connection to the server that a [database URL](mysql-url.ts) names, for work outside the services' pools. */
export function openConnection(url: string, options: ConnectionConfig = {}): Promise<Connection> {
  return createConnection({ ...mysqlOptions(url), ...options }).catch(explain)
}

/** The driver's own words name options of its own, which no URL has. */
export function explain(error: unknown): never {
  if (error instanceof Error && [error.message, error.cause].some((said) => keyNotOffered.test(String(said))))
    error.message =
      'The database server wants the password over a connection that is not encrypted: give the database URL ?ssl-mode=REQUIRED, or ?allowPublicKeyRetrieval=true where nobody can pretend to be the server'
  throw error
}

const keyNotOffered = /no: 45044\b/
