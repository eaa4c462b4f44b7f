import { setFlagsFromString } from 'node:v8'
import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { mysqlOptions } from './mysql-url.ts'

// Prisma compiles each query once, in WebAssembly, and keeps the plan. Left alone, V8 optimises that code in the background
// during the first queries: 60 MB and up to a second of CPU in each process, for work that hardly ever comes again.
setFlagsFromString('--liftoff-only')

/** What a Prisma client needs to reach this URL; works on MySQL and MariaDB. */
export function adapter(url: string, { connectionLimit = 8 }: { connectionLimit?: number } = {}) {
  return new PrismaMariaDb({ ...mysqlOptions(url), connectionLimit, acquireTimeout: 5_000 })
}
