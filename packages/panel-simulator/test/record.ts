import { type Exchange, recordedExchanges } from '../src/recorded.ts'
import { isObject } from './json.ts'

export type { Exchange, Recorded } from '../src/recorded.ts'

export const exchanges = recordedExchanges()

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
