import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Panel, startPanel } from '../../src/panel/index.ts'
import { begunBefore, byHand, concurrent, givenUp, settledBefore } from './off-the-record.ts'
import { createRateClock } from './rate-clock.ts'
import { attributesIn, type Exchange, exchanges, isObject, type Recorded } from './record.ts'
import { recordedKeys, recordedWorld } from './recorded-world.ts'
import { type Answered, send } from './send.ts'
import { createTranslation, withoutUuids } from './translation.ts'
import { scriptWings } from './wings-script.ts'

export const timeScale = 0.02

export type Replay = Awaited<ReturnType<typeof startReplay>>

/** Does to a simulated panel what was done to the real one, in the same order, and holds its answers to the recorded ones. */
export async function startReplay() {
  const keys = recordedKeys()
  const wanted = new Map<string | null, number>()
  const spend = async (token: string) => {
    await send(panel.url, {
      method: 'GET',
      path: '/api/application/locations',
      headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
    })
  }
  const rate = createRateClock({ userOf, spend: (user) => spend(tokenOf(user)) })
  const panel = await startPanel({
    keys: Object.values(keys),
    world: recordedWorld(),
    install: { mode: 'never' },
    timeScale,
    rateWindowMs: 60_000,
    now: rate.now,
    draw: (free, externalId) => {
      const id = wanted.get(externalId)
      return id === undefined
        ? free[Math.floor(Math.random() * free.length)]
        : free.find((row) => row.id === id)
    },
  })
  const translation = createTranslation(panel.url)
  const begun = new Map<string, Promise<Ended>>()

  return {
    panel,
    translation,
    close: () => panel.close(),

    async play(exchange: Exchange): Promise<void> {
      for (const early of exchanges.filter(({ name }) => begunBefore[name]?.exchange === exchange.name)) {
        await beginEarly(early)
      }
      await eventually(() => settledBefore[exchange.name]?.(panel))
      const hand = byHand[exchange.name]
      hand?.before(panel, translation)
      try {
        const waiting = begun.get(exchange.name)
        compare(exchange, await (waiting ?? begin(exchange)))
      } finally {
        hand?.after(panel, translation)
      }
    },

    /** Everything at once; what came of each is for the caller to judge. */
    async playTogether(group: Exchange[], staggerMs = 0): Promise<Answered[]> {
      const ended = await Promise.all(
        group.map(async (exchange, index) => {
          await sleep(index * staggerMs)
          const { answered } = await begin(exchange, { steer: false })
          if (!answered) throw new Error(`${exchange.name} was given up`)
          return answered
        }),
      )
      return ended
    },

    call: (exchange: Exchange) => sendRecorded(exchange),
    wanted,
  }

  type Ended = { answered: Answered | undefined; wings: string[] }

  async function beginEarly(exchange: Exchange): Promise<void> {
    begun.set(exchange.name, begin(exchange))
    const { external_id } = isObject(exchange.request.body) ? exchange.request.body : {}
    const row = await eventually(() => {
      const found = panel.state().servers.find((server) => server.external_id === external_id)
      if (!found) throw new Error(`${exchange.name} has not begun`)
      return found
    })
    const id = begunBefore[exchange.name]?.id
    if (id !== undefined) translation.pairServer(id, row.id)
    const [recorded] = attributesIn(exchange.response?.body ?? shownLater(external_id), 'server')
    if (recorded) translation.learn('server', recorded, { ...row })
  }

  async function begin(exchange: Exchange, { steer = true } = {}): Promise<Ended> {
    const alone = steer && !isLate(exchange)
    if (alone) await rate.setFor(exchange)
    else rate.count(exchange)
    if (steer) steerDraw(exchange)
    const { wingsMs } = givenUp[exchange.name] ?? {}
    const takeBack = scriptWings(panel, exchange, wingsMs)
    const from = panel.state().wings.calls.length
    const answered = await sendRecorded(exchange).catch((error: unknown) => {
      if (givenUp[exchange.name]) return undefined
      throw error
    })
    takeBack()
    const wings = panel.state().wings.calls.slice(from)
    return { answered, wings: wings.map(({ method, path, body }) => wingsText(method, path, body)) }
  }

  async function sendRecorded(exchange: Exchange): Promise<Answered> {
    const { method, path, headers, body } = exchange.request
    return send(panel.url, {
      method,
      path: translation.path(path),
      headers: headersOf(headers),
      body: typeof body === 'string' || body === undefined ? body : JSON.stringify(translation.body(body)),
      giveUpAfterMs: givenUp[exchange.name] && 2_000 * timeScale,
    })
  }

  function compare(exchange: Exchange, { answered, wings }: Ended): void {
    const { response } = exchange
    if (!response || !answered) {
      expect(Boolean(answered)).toBe(Boolean(response))
      return
    }
    const context = `${exchange.request.method} ${exchange.request.path} answered ${answered.text.slice(0, 1_500)}`
    expect(answered.status, context).toBe(response.status)
    expect(headersToCompare(answered.headers, exchange), context).toEqual(
      headersToCompare(response.headers, exchange),
    )
    compareBody(response, answered, exchange)
    if (exchange.wings && !concurrent[exchange.name] && !givenUp[exchange.name]) {
      expect(wings).toEqual(exchange.wings.map(({ method, path, body }) => wingsText(method, path, body)))
    }
    compareTime(exchange, answered)
    compareRows(exchange)
  }

  function headersToCompare(headers: Record<string, unknown>, exchange: Exchange) {
    const names = Object.keys(headers).filter((name) => compared.has(name))
    const uncertain = new Set(
      isLate(exchange) ? ['x-ratelimit-remaining', 'x-ratelimit-reset'] : ['x-ratelimit-reset'],
    )
    return Object.fromEntries(
      names
        .sort()
        .map((name) => [
          name,
          uncertain.has(name)
            ? 'a number'
            : String(headers[name]).replaceAll(panel.url, 'http://127.0.0.1:8088'),
        ]),
    )
  }

  function compareBody(response: Recorded, answered: Answered, exchange: Exchange): void {
    if (typeof response.body === 'string' && response.body.startsWith('<non-JSON')) {
      expect(answered.text).toMatch(/^<!DOCTYPE html>/)
      return
    }
    if (response.body === null) {
      expect(answered.text).toBe('')
      return
    }
    const actual = translation.inRecordTerms(response.body, JSON.parse(answered.text))
    const [shorter, whole] = exchange.body_cut
      ? [firstRows(actual), firstRows(response.body)]
      : [actual, response.body]
    expect(shorter).toEqual(whole)
    expect(keyOrder(shorter)).toEqual(keyOrder(whole))
    if (response.pretty_printed !== undefined)
      expect(answered.text.includes('\n')).toBe(response.pretty_printed)
  }

  function compareRows({ db_after }: Exchange): void {
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

  function headersOf(recorded: Record<string, string>): Record<string, string> {
    const { daemon_token_id = '', daemon_token = '' } = panel.state().nodes[0] ?? {}
    const { authorization, ...rest } = recorded
    if (authorization === undefined) return rest
    return {
      ...rest,
      authorization: authorization
        .replace(/<key:(\w+)>/, (_, name: string) => keys[name]?.token ?? '')
        .replace('<identifier of full>', keys.full?.token.slice(0, 16) ?? '')
        .replace('<node_token_id>', daemon_token_id)
        .replace('<node_token>', daemon_token),
    }
  }

  function userOf({ request: { headers } }: Exchange): string | undefined {
    const [, name] = /<key:(\w+)>/.exec(headers.authorization ?? '') ?? []
    return name === undefined ? undefined : String(keys[name]?.user)
  }

  function tokenOf(user: string): string {
    return Object.values(keys).find((key) => String(key.user) === user)?.token ?? ''
  }

  function steerDraw({ request: { body }, response }: Exchange): void {
    const [server] = attributesIn(response?.body, 'server')
    const externalId = isObject(body) && typeof body.external_id === 'string' ? body.external_id.trim() : ''
    const row = server ?? attributesIn(shownLater(externalId), 'server')[0]
    if (typeof row?.allocation !== 'number') wanted.delete(externalId || null)
    else wanted.set(externalId || null, row.allocation)
  }
}

export async function eventually<Result>(
  attempt: () => Result | Promise<Result>,
  withinMs = 5_000,
): Promise<Result> {
  const until = performance.now() + withinMs
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (performance.now() > until) throw error
      await sleep(2)
    }
  }
}

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

/** Whether the window of the rate limit may have moved while the call waited, or others were counted first. */
function isLate({ name, elapsed_ms }: Exchange): boolean {
  return (
    elapsed_ms > 1_000 ||
    name in begunBefore ||
    name in concurrent ||
    name in givenUp ||
    duringOthers.has(name)
  )
}

const duringOthers = new Set(Object.values(begunBefore).map(({ exchange }) => exchange))

function compareTime({ elapsed_ms }: Exchange, { tookMs }: Answered): void {
  if (elapsed_ms < 1_000) return
  expect(tookMs).toBeGreaterThan((elapsed_ms - 500) * timeScale * 0.9)
  expect(tookMs).toBeLessThan(elapsed_ms * timeScale + 500)
}

/** The server that a caller who hung up never saw, as others saw it. */
function shownLater(externalId: unknown): unknown {
  const path = `/api/application/servers/external/${externalId}`
  return exchanges.find(({ request, response }) => request.path === path && response?.status === 200)
    ?.response?.body
}

function wingsText(method: string, path: string, body: unknown): string {
  const text = isObject(body) && 'jtis' in body ? 'one token' : JSON.stringify(body ?? null)
  return withoutUuids(`${method} ${path} ${text}`).replace(/GET \/\S*/, 'GET /')
}

function firstRows(body: unknown): unknown {
  return isObject(body) && Array.isArray(body.data) ? { ...body, data: body.data.slice(0, 2) } : body
}

function keyOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(keyOrder)
  return isObject(value) ? Object.entries(value).map(([key, inner]) => [key, keyOrder(inner)]) : null
}

export type { Panel }
