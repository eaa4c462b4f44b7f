import { createHash } from 'node:crypto'
import { z } from 'zod'
import { isGuessable } from './guessable.ts'

/**
 * What a key may do. `orders`: place orders, and read and change those that it placed. `catalogue`: plans, regions and what they are on the
 * panels. `read`: every GET. `operate`: what an operator does with orders, servers, events and findings. `refunds`: decide refunds.
 * `panels`: the panels and their keys.
 */
export const scopes = ['orders', 'catalogue', 'read', 'operate', 'refunds', 'panels'] as const
export type Scope = (typeof scopes)[number]

export type ApiKey = {
  name: string
  sha256: Buffer
  scopes: ReadonlySet<Scope>
  /** From then on it is refused; null: never. */
  expiresAt: Date | null
  /** It names no scopes, and so has all of them. */
  isUnscoped: boolean
}

const entryForm =
  'must be name:secret,… or name:scopes=orders+read:expires=2027-01-31:sha256=…,… with names of 63 characters at most'

/** Reads `API_KEYS`: entries divided by commas, each a name, what it may do, until when, and its secret or the SHA-256 of it in hex. */
export function readApiKeys(text: string, context: z.RefinementCtx): ApiKey[] {
  const keys: ApiKey[] = []
  for (const entry of text.split(',')) {
    const key = readEntry(entry.trim())
    const problem =
      typeof key === 'string'
        ? key
        : keys.some(({ name }) => name === key.name)
          ? `has the name ${key.name} twice: what a key did is told by its name`
          : null
    if (problem !== null) {
      context.addIssue({ code: 'custom', message: problem })
      return z.NEVER
    }
    if (typeof key !== 'string') keys.push(key)
  }
  return keys
}

/** The key, or what is wrong with it. */
function readEntry(entry: string): ApiKey | string {
  const [, name, rest] = /^([\w-]{1,63}):(\S+)$/.exec(entry) ?? []
  if (!name || !rest) return entryForm
  const [, asked, until, secret] = /^(?:scopes=([^:]*):)?(?:expires=([^:]*):)?(.+)$/.exec(rest) ?? []
  if (secret === undefined) return entryForm
  const wanted = asked === undefined ? [...scopes] : asked.split('+')
  const unknown = wanted.find((scope) => !scopes.some((known) => known === scope))
  if (unknown !== undefined)
    return `gives ${name} the scope ${JSON.stringify(unknown)}: there are ${scopes.join(', ')}`
  const expiresAt = until === undefined ? null : endOf(until)
  if (expiresAt && Number.isNaN(expiresAt.getTime()))
    return `lets ${name} expire on ${JSON.stringify(until)}: write a day as 2027-01-31`
  const sha256 = hashOf(secret)
  if (typeof sha256 === 'string') return `${sha256} (${name})`
  return { name, sha256, scopes: new Set(wanted as Scope[]), expiresAt, isUnscoped: asked === undefined }
}

/** A key works until its last day is over, in UTC. */
function endOf(day: string): Date {
  const begin = z.iso.date().safeParse(day).success ? Date.parse(day) : Number.NaN
  return new Date(begin + 86_400_000)
}

function hashOf(secret: string): Buffer | string {
  const [, hex] = /^sha256=([0-9a-f]{64})$/i.exec(secret) ?? []
  if (hex) return hashesOfNothing.includes(hex.toLowerCase()) ? hashOfNothing : Buffer.from(hex, 'hex')
  if (/^(sha256|scopes|expires)=/.test(secret)) return 'needs 64 hexadecimal digits after sha256='
  if (secret.length < 16) return 'needs secrets of 16 characters or more'
  if (isGuessable(secret)) return 'needs secrets that cannot be guessed: `openssl rand -hex 24` makes one'
  return sha256Of(secret)
}

// Of a SECRET that was not set, by `printf %s "$SECRET" | sha256sum` or with an echo.
const hashesOfNothing = ['', '\n'].map((text) => sha256Of(text).toString('hex'))
const hashOfNothing = 'has the SHA-256 of nothing: was the secret set when it was made?'

export function sha256Of(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
