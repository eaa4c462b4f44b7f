import { PrismaMariaDb } from '@prisma/adapter-mariadb'
import { mysqlOptions } from './mysql-url.ts'

/** What a Prisma client needs to reach this URL; works on MySQL and MariaDB. */
export function adapter(url: string, { connectionLimit = 8 }: { connectionLimit?: number } = {}) {
  return new PrismaMariaDb({ ...mysqlOptions(url), connectionLimit, acquireTimeout: 5_000 })
}
