import { expect } from 'vitest'
import type { Panel } from '../src/index.ts'
import { isObject } from './json.ts'
import { begunBefore, concurrent, givenUp } from './off-the-record.ts'
import type { Exchange, Recorded } from './record.ts'
import type { Answered } from './send.ts'
import { recordedOrigin, type Translation, withoutUuids } from './translation.ts'

/** What a call came to: its answer, unless it was given up, and what Wings was asked meanwhile. */
export type Ended = { answered: Answered | undefined; wings: string[] }

/** Holds the simulator's answer to the recorded one: status, headers, body and the order of its keys, calls of Wings, rows. */
export function compare(
  exchange: Exchange,
  { answered, wings }: Ended,
  { panel, translation, timeScale }: { panel: Panel; translation: Translation; timeScale: number },
): void {
  const { request, response } = exchange
  if (!response || !answered) {
    expect(Boolean(answered)).toBe(Boolean(response))
    return
  }
  const context = `${request.method} ${request.path} answered ${answered.text.slice(0, 1_500)}`
  expect(answered.status, context).toBe(response.status)
  expect(headersOf(answered.headers, exchange, panel.url), context).toEqual(
    headersOf(response.headers, exchange, panel.url),
  )
  compareBody(response, answered, exchange, translation)
  if (exchange.wings && !concurrent[exchange.name] && !givenUp[exchange.name]) {
    expect(wings).toEqual(exchange.wings.map(wingsText))
  }
  compareTime(exchange, answered, timeScale)
  compareRows(exchange, panel, translation)
}

export function wingsText({ method, path, body }: { method: string; path: string; body: unknown }): string {
  const text = isObject(body) && 'jtis' in body ? 'one token' : JSON.stringify(body ?? null)
  return withoutUuids(`${method} ${path} ${text}`).replace(/GET \/\S*/, 'GET /')
}

/** Whether the window of the rate limit may have moved while the call waited, or others were counted first. */
export function isLate({ name, elapsed_ms }: Exchange): boolean {
  return (
    elapsed_ms > 1_000 ||
    name in begunBefore ||
    name in concurrent ||
    name in givenUp ||
    duringOthers.has(name)
  )
}

const duringOthers = new Set(Object.values(begunBefore).map(({ exchange }) => exchange))

const compared = new Set([
  'content-type',
  'cache-control',
  'location',
  'allow',
  'www-authenticate',
  'retry-after',
  'x-ratelimit-limit',
  'x-ratelimit-remaining',
  'x-ratelimit-reset',
  'access-control-allow-origin',
  'access-control-allow-credentials',
])

function headersOf(headers: Record<string, unknown>, exchange: Exchange, origin: string) {
  const uncertain = ['x-ratelimit-reset', ...(isLate(exchange) ? ['x-ratelimit-remaining'] : [])]
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => compared.has(name))
      .sort()
      .map(([name, value]) => [
        name,
        uncertain.includes(name) ? 'a number' : String(value).replaceAll(origin, recordedOrigin),
      ]),
  )
}

function compareBody(response: Recorded, { text }: Answered, exchange: Exchange, translation: Translation) {
  if (typeof response.body === 'string' && response.body.startsWith('<non-JSON')) {
    expect(text).toMatch(/^<!DOCTYPE html>/)
    return
  }
  if (response.body === null) {
    expect(text).toBe('')
    return
  }
  const whole = translation.inRecordTerms(response.body, JSON.parse(text))
  const [actual, recorded] = exchange.body_cut
    ? [firstRows(whole), firstRows(response.body)]
    : [whole, response.body]
  expect(actual).toEqual(recorded)
  expect(keyOrder(actual)).toEqual(keyOrder(recorded))
  if (response.pretty_printed !== undefined) expect(text.includes('\n')).toBe(response.pretty_printed)
}

function compareTime({ name, elapsed_ms }: Exchange, { tookMs }: Answered, timeScale: number): void {
  if (elapsed_ms < 2_500 || (name in begunBefore && elapsed_ms < 5_000)) return
  expect(tookMs).toBeGreaterThan((elapsed_ms - 500) * timeScale * 0.9)
  expect(tookMs).toBeLessThan(elapsed_ms * timeScale + 2_500)
}

function compareRows({ db_after }: Exchange, panel: Panel, translation: Translation): void {
  const rows = Array.isArray(db_after) ? db_after : isObject(db_after) ? db_after.rows : undefined
  if (!Array.isArray(rows)) return
  const { servers, allocations } = panel.state()
  for (const row of rows) {
    if (!isObject(row) || !('status' in row)) continue
    const server = servers.find(({ id }) => id === translation.serverId(Number(row.id)))
    expect(server).toMatchObject({
      external_id: row.external_id,
      status: row.status,
      allocation: Number(row.allocation_id),
    })
    if ('installed_at' in row) expect(server?.installed_at === null).toBe(row.installed_at === null)
  }
  if (isObject(db_after) && 'free_allocations_node1' in db_after) {
    const free = allocations.filter(({ node, server }) => node === 1 && server === null)
    expect(free).toHaveLength(Number(db_after.free_allocations_node1))
  }
}

function firstRows(body: unknown): unknown {
  return isObject(body) && Array.isArray(body.data) ? { ...body, data: body.data.slice(0, 2) } : body
}

function keyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(keyOrder)
  return isObject(value) ? Object.entries(value).map(([key, inner]) => [key, keyOrder(inner)]) : null
}
