import { readFileSync } from 'node:fs'

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

/** What a real panel once answered, call by call. */
export function recordedExchanges(): Exchange[] {
  const file = new URL('../recorded/pterodactyl.json', import.meta.url)
  const { exchanges } = JSON.parse(readFileSync(file, 'utf8')) as { exchanges: Exchange[] }
  return exchanges
}
