import { isUtf8 } from 'node:buffer'
import { raw, Sql } from '@prisma/client/runtime/client'
import type { Value } from './sql.ts'

/**
 * A statement whose values are written out as literals right here, for bulk statements on hot paths alone: as parameters each
 * value would go through Prisma's conversions and the driver's escaping. Everything else takes `sql`; a check names the files
 * that may import this one.
 */
export function inlineSql(strings: readonly string[], ...values: (Value | undefined)[]): Sql {
  return raw(strings.reduce((text, part, index) => text + literal(values[index - 1]) + part))
}

export function inlineJoin(values: readonly (Value | undefined)[], separator = ', '): Sql {
  return raw(values.map(literal).join(separator))
}

function literal(value: Value | undefined): string {
  switch (typeof value) {
    case 'string':
      return text(value)
    case 'bigint':
    case 'boolean':
      return String(value)
    case 'number':
      if (Number.isFinite(value)) return String(value)
      break
    case 'object':
      if (value === null) return 'NULL'
      if (value instanceof Sql && value.values.length === 0) return value.sql
      if (value instanceof Date) return `'${value.toISOString().slice(0, 23).replace('T', ' ')}'`
      if (value instanceof Uint8Array) return bytes(Buffer.from(value.buffer, value.byteOffset, value.length))
  }
  throw new Error(`${value} cannot be written into a statement`)
}

function text(value: string): string {
  return isPlain(value) ? `'${value}'` : `_utf8mb4 X'${Buffer.from(value).toString('hex')}'`
}

function bytes(value: Buffer): string {
  return isUtf8(value) && isPlain(value) ? `_binary'${value.toString()}'` : `X'${value.toString('hex')}'`
}

// Without a quote nothing ends a string early, without a backslash nothing in it means anything else than itself, whatever
// the server's mode; what has one of them goes as hex, which has neither.
function isPlain(content: string | Buffer): boolean {
  return !content.includes("'") && !content.includes('\\')
}
