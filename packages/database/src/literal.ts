import { isUtf8 } from 'node:buffer'
import { raw, Sql } from './sql.ts'

/** A value, or an expression that has no parameters, such as UTC_TIMESTAMP(3). */
export type Literal = string | number | bigint | boolean | Date | Buffer | Sql | null

/**
 * `(…),(…)` for a statement with many rows, its values written out. As parameters each of them would go through Prisma's
 * conversions and the driver's escaping, letter by letter, which costs more than all the rest of a long statement.
 */
export function literalRows(rows: Literal[][]): Sql {
  return raw(rows.map((row) => `(${row.map(literal).join()})`).join())
}

/** `…,…` for an `IN (…)`, in the same way. */
export function literals(values: Literal[]): Sql {
  return raw(values.map(literal).join())
}

function literal(value: Literal): string {
  if (value === null) return 'NULL'
  if (typeof value === 'string') return text(value)
  if (value instanceof Date) return `'${value.toISOString().slice(0, 23).replace('T', ' ')}'`
  if (value instanceof Sql) return expression(value)
  return Buffer.isBuffer(value) ? bytes(value) : finite(value)
}

// What holds neither of these cannot end a string early, nor mean anything else inside of one; whatever else goes as hex.
function isPlain(content: string | Buffer): boolean {
  return !content.includes("'") && !content.includes('\\')
}

function text(value: string): string {
  return isPlain(value) ? `'${value}'` : `_utf8mb4 X'${Buffer.from(value).toString('hex')}'`
}

function bytes(value: Buffer): string {
  return isUtf8(value) && isPlain(value) ? `_binary'${value.toString()}'` : `X'${value.toString('hex')}'`
}

function expression({ sql, values }: Sql): string {
  if (values.length > 0) throw new Error(`${sql} has parameters`)
  return sql
}

function finite(value: number | bigint | boolean): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Error(`${value} is not a value of SQL`)
  return String(value)
}
