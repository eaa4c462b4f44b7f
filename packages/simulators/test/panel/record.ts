import { readFileSync } from 'node:fs'
import { isObject } from './json.ts'

/** One call to a real panel, and what came of it. */
export type Exchange = {
  name: string
  part: string
  /** Calls of one group were made at the same time. */
  group?: string
  elapsed_ms: number
  request: { method: string; path: string; headers: Record<string, string>; body?: unknown }
  /** Nothing if the caller hung up. */
  response?: Recorded
  wings?: { method: string; path: string; body: unknown; answer: WingsAnswer | null }[]
  db_after?: unknown
  body_cut?: string
}

export type Recorded = {
  status: number
  headers: Record<string, string>
  body: unknown
  pretty_printed?: boolean
}

type WingsAnswer = { status: number; body: unknown } | { mode: 'hang' | 'close' | 'garbage' }

export const exchanges = readRecord()

export function exchangeNamed(name: string): Exchange {
  const exchange = exchanges.find((one) => one.name === name)
  if (!exchange) throw new Error(`no exchange is called ${name}`)
  return exchange
}

export function grouped<Key>(list: Exchange[], keyOf: (exchange: Exchange) => Key): Map<Key, Exchange[]> {
  const groups = new Map<Key, Exchange[]>()
  for (const exchange of list) groups.set(keyOf(exchange), [...(groups.get(keyOf(exchange)) ?? []), exchange])
  return groups
}

/** The attributes of every object in an answer, however deep. */
export function attributesIn(body: unknown, object: string): Record<string, unknown>[] {
  if (Array.isArray(body)) return body.flatMap((item) => attributesIn(item, object))
  if (!isObject(body)) return []
  const inside = Object.values(body).flatMap((value) => attributesIn(value, object))
  return body.object === object && isObject(body.attributes) ? [body.attributes, ...inside] : inside
}

function readRecord(): Exchange[] {
  const file = new URL('../../recorded/pterodactyl.json', import.meta.url)
  const { exchanges } = JSON.parse(readFileSync(file, 'utf8')) as { exchanges: Exchange[] }
  return exchanges
}
