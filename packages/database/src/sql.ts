export { empty, join, raw, Sql, sqltag as sql } from '@prisma/client/runtime/client'
