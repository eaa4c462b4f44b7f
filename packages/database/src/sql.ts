import { empty, join as joinSql, raw, type Sql, sqltag } from '@prisma/client/runtime/client'

export { empty, raw, type Sql }

/** What a column can hold, and a part of a statement. */
export type Value = string | number | bigint | boolean | Date | Uint8Array | Sql | null

/** Prisma's own, for `$queryRaw` and `$executeRaw`: each value is a parameter. */
export const sql: (strings: readonly string[], ...values: readonly Value[]) => Sql = sqltag
export const join: (values: readonly Value[], separator?: string) => Sql = joinSql
