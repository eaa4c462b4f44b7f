import { isUtf8 } from 'node:buffer'
import { Sql } from '@prisma/client/runtime/client'

export type Value = string | number | bigint | boolean | Date | Uint8Array | Sql | null

/** A value as it stands in a statement. */
export function literal(value: Value | undefined): string {
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
