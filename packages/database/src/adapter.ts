import { setFlagsFromString } from 'node:v8'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { mysqlOptions } from './mysql-url.ts'
import { openPool } from './pool.ts'

// Prisma compiles each query once, in WebAssembly, and keeps the plan. Left alone, V8 optimises that code in the background
// during the first queries: 60 MB and up to a second of CPU in each process, for work that hardly ever comes again.
setFlagsFromString('--liftoff-only')

// Under MySQL's default, a relay's reads and a consumer's locks would block each other's inserts; and what does not fit its
// column must be an error, whatever the server was set to.
const everySession = [
  // Whatever the server or the driver take for granted.
  'SET NAMES utf8mb4',
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  // The driver escapes with backslashes, whether or not the server takes them for such.
  "SET SESSION sql_mode = CONCAT(REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', ''), ',STRICT_ALL_TABLES')",
]

/** What a Prisma client needs to reach this URL; works on MySQL and MariaDB. Each session is READ COMMITTED, strict and utf8mb4. */
export function adapter(
  url: string,
  { connectionLimit = 8 }: { connectionLimit?: number } = {},
): Pick<PrismaMariaDb, 'provider' | 'adapterName' | 'connect'> {
  const settings = {
    ...mysqlOptions(url),
    connectionLimit,
    acquireTimeout: 5_000,
    connectTimeout: 5_000,
    // A connection that breaks is thrown out when it does; asking each time whether one is still there costs a round trip.
    minDelayValidation: 30_000,
    prepareCacheLength: 0,
  }
  // Most statements carry a list, and hardly one comes twice: preparing each costs two round trips more.
  const options = { useTextProtocol: true, disposeExternalPool: true }
  const { provider, adapterName } = new PrismaMariaDb(settings)
  return {
    provider,
    adapterName,
    connect: () => new PrismaMariaDb(openPool(settings, everySession, url), options).connect(),
  }
}
