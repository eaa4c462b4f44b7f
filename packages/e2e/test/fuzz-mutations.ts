import type { Random } from './fuzz-random.ts'

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

const strings = [
  '',
  ' ',
  '\u0000',
  '\ud800',
  '💥',
  'é'.repeat(200),
  '../../etc/passwd',
  "' OR 1=1 --",
  '__proto__',
  'constructor',
  '-1',
  '1e999',
  '2026-13-45',
  'x'.repeat(200),
  'y'.repeat(100_000),
  '\u202e\u0301',
  '<script>',
] as const
const numbers = [0, -0, -1, 0.5, 1e308, -1e308, 2 ** 31, 2 ** 53, 2 ** 64, 253_402_300_800, 8.64e15] as const

function anyString(random: Random): string {
  return random.pick([...strings])
}

function anyJson(random: Random): Json {
  return random.pick<() => Json>([
    () => null,
    () => random.chance(0.5),
    () => random.pick([...numbers]),
    () => anyString(random),
    () => [],
    () => ({}),
    () => [anyString(random), random.pick([...numbers])],
    () => ({ [anyString(random).slice(0, 300)]: null }),
    () => Array.from({ length: 2_000 }, () => 0),
  ])()
}

/** One field somewhere inside dropped, given another type or value, or joined by one that nobody knows. */
export function mutateJson(value: Json, random: Random): Json {
  if (Array.isArray(value)) {
    const at = random.below(value.length + 1)
    return value.map((item, index) => (index === at ? mutateJson(item, random) : item))
  }
  if (value === null || typeof value !== 'object' || random.chance(0.15)) return anyJson(random)
  const keys = Object.keys(value)
  const key = keys[random.below(keys.length)]
  if (key === undefined || random.chance(0.1))
    return { ...value, [anyString(random).slice(0, 300)]: anyJson(random) }
  const { [key]: chosen = null, ...others } = value
  return random.chance(0.2) ? others : { ...value, [key]: mutateJson(chosen, random) }
}

const byteMutations = [
  (bytes: Buffer, random: Random) => {
    const flipped = Buffer.from(bytes)
    for (let left = 1 + random.below(8); left > 0 && flipped.length > 0; left -= 1)
      flipped.writeUInt8(random.below(256), random.below(flipped.length))
    return flipped
  },
  (bytes: Buffer, random: Random) => bytes.subarray(0, random.below(bytes.length + 1)),
  (bytes: Buffer) => Buffer.concat([bytes, bytes]),
  (bytes: Buffer, random: Random) => {
    const at = random.below(bytes.length + 1)
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(anyString(random)), bytes.subarray(at)])
  },
  // One name twice: who reads which?
  (bytes: Buffer) => Buffer.from(bytes.toString().replace(/^\{("[^"]*"):/, '{$1:null,$1:')),
  // A byte that UTF-8 never has.
  (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -2), Buffer.of(0xff, 0xc0), bytes.subarray(-2)]),
  () => Buffer.of(),
  (_: Buffer, random: Random) => {
    const depth = 10 ** (1 + random.below(4))
    return Buffer.from('[{"a":'.repeat(depth) + (random.chance(0.5) ? `1${'}]'.repeat(depth)}` : ''))
  },
] as const

export function mutateBytes(bytes: Buffer, random: Random): Buffer {
  return random.pick([...byteMutations])(bytes, random)
}

const pathMutations = [
  (path: string, random: Random) =>
    `${path}${encodeURIComponent(wellFormed(anyString(random))).slice(0, 4_000)}`,
  (path: string, random: Random) =>
    `${path}${random.pick(['%', '%E0%A4%A', '%zz', '%00', '%2e%2e%2f', '%2f..%2f', '/..;/admin', '/', '//', ';a=b', '?'])}`,
  (path: string, random: Random) => {
    const name = random.pick(['limit', 'before', 'starting_after', 'status', 'outcome', 'type', 'x[]'])
    return `${path}?${name}=${encodeURIComponent(wellFormed(anyString(random))).slice(0, 4_000)}`
  },
  (path: string, random: Random) => {
    const parts = path.split('/')
    parts[random.below(parts.length)] = encodeURIComponent(wellFormed(anyString(random))).slice(0, 4_000)
    return parts.join('/')
  },
] as const

export function mutatePath(path: string, random: Random): string {
  const mutated = random.pick([...pathMutations])(path, random)
  return mutated.startsWith('/') ? mutated : `/${mutated}`
}

function wellFormed(text: string): string {
  return text.replaceAll(/[\ud800-\udfff]/g, '\ufffd')
}

const headerNames = [
  'content-type',
  'authorization',
  'idempotency-key',
  'stripe-signature',
  'x-request-id',
  'accept',
  'accept-encoding',
  'traceparent',
  'x-http-method-override',
] as const
const headerValues = [
  '',
  'text/plain',
  'application/json; charset=utf-16',
  'application/json;',
  'multipart/form-data',
  'Bearer',
  'Bearer \u00e9',
  'Basic YTpi',
  't=,v1=',
  't=1e999,v1=00',
  'gzip',
  '\u00ff'.repeat(50),
  'a'.repeat(5_000),
  "' OR 1=1 --",
] as const

export function mutateHeaders(headers: Record<string, string>, random: Random): Record<string, string> {
  const name = random.pick([...headerNames])
  const { [name]: _, ...others } = headers
  return random.chance(0.3) ? others : { ...others, [name]: random.pick([...headerValues]) }
}
