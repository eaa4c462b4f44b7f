import { setTimeout as sleep } from 'node:timers/promises'
import { startPanel } from '../src/index.ts'
import { compare, type Ended, isLate, wingsText } from './compare.ts'
import { eventually } from './eventually.ts'
import { isObject } from './json.ts'
import { begunBefore, byHand, givenUp, settledBefore } from './off-the-record.ts'
import { createRateClock } from './rate-clock.ts'
import { attributesIn, type Exchange, exchanges } from './record.ts'
import { recordedKeys, recordedSetup } from './recorded-setup.ts'
import { type Answered, send } from './send.ts'
import { createTranslation } from './translation.ts'
import { scriptWings } from './wings-script.ts'

const timeScale = 0.06

export type Replay = Awaited<ReturnType<typeof startReplay>>

/** Does to a simulated panel what was done to the real one, in the same order, and holds its answers to the recorded ones. */
export async function startReplay() {
  const keys = recordedKeys()
  const wanted = new Map<string | null, number>()
  const rate = createRateClock({
    userOf: (exchange) => {
      const key = keys[keyNameOf(exchange)]
      return key && String(key.user)
    },
    async spend(user) {
      const token = Object.values(keys).find((key) => String(key.user) === user)?.token
      const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
      await send(panel.url, { method: 'GET', path: '/api/application/locations', headers })
    },
  })
  const panel = await startPanel({
    keys: Object.values(keys),
    setup: recordedSetup(),
    install: { mode: 'never' },
    timeScale,
    rateWindowMs: 60_000,
    now: rate.now,
    draw: (free, externalId) => {
      const id = wanted.get(externalId)
      if (id === undefined) return free[Math.floor(Math.random() * free.length)]
      return free.find((row) => row.id === id)
    },
  })
  const translation = createTranslation(panel.url)
  const begun = new Map<string, Promise<Ended>>()

  /** A call that still waits for Wings while others are made. */
  async function beginEarly(exchange: Exchange): Promise<void> {
    begun.set(exchange.name, begin(exchange))
    const row = await made(exchange)
    const id = begunBefore[exchange.name]?.id
    if (id !== undefined) translation.pairServer(id, row.id)
    const recorded = recordedServer(exchange)
    if (recorded) translation.learn('server', recorded, row)
  }

  async function begin(exchange: Exchange): Promise<Ended> {
    if (isLate(exchange)) rate.count(exchange)
    else await rate.setFor(exchange)
    const drawn = Number(recordedServer(exchange)?.allocation)
    if (drawn) wanted.set(externalIdOf(exchange), drawn)
    else wanted.delete(externalIdOf(exchange))
    const takeBack = scriptWings(panel, exchange)
    const from = panel.state().wings.calls.length
    const answered = await call(exchange).catch((error: unknown) => {
      if (givenUp[exchange.name]) return undefined
      throw error
    })
    takeBack()
    return { answered, wings: panel.state().wings.calls.slice(from).map(wingsText) }
  }

  async function made(exchange: Exchange) {
    const externalId = externalIdOf(exchange)
    return await eventually(() => {
      const found = panel.state().servers.find((server) => server.external_id === externalId)
      if (!found) throw new Error(`${exchange.name} has not begun`)
      return found
    })
  }

  function call(exchange: Exchange): Promise<Answered> {
    const { name, request } = exchange
    const { method, path, headers, body } = request
    return send(panel.url, {
      method,
      path: translation.path(path),
      headers: withTokens(headers),
      body: typeof body === 'string' || body === undefined ? body : JSON.stringify(translation.body(body)),
      // Not before it has reached the panel, however late that is.
      giveUp: givenUp[name] && made(exchange).then(() => sleep(2_000 * timeScale)),
    })
  }

  function withTokens({ authorization, ...headers }: Record<string, string>): Record<string, string> {
    if (authorization === undefined) return headers
    const { daemon_token_id = '', daemon_token = '' } = panel.state().nodes[0] ?? {}
    return {
      ...headers,
      authorization: authorization
        .replace(/<key:(\w+)>/, (_, name: string) => keys[name]?.token ?? '')
        .replace('<identifier of full>', keys.full?.token.slice(0, 16) ?? '')
        .replace('<node_token_id>', daemon_token_id)
        .replace('<node_token>', daemon_token),
    }
  }

  return {
    panel,
    translation,
    call,
    /** The allocation that the next server with this external id is to draw. */
    wanted,
    close: () => panel.close(),

    async play(exchange: Exchange): Promise<void> {
      const { name } = exchange
      for (const early of exchanges.filter((other) => begunBefore[other.name]?.exchange === name)) {
        await beginEarly(early)
      }
      await eventually(() => settledBefore[name]?.(panel))
      byHand[name]?.before(panel, translation)
      try {
        compare(exchange, await (begun.get(name) ?? begin(exchange)), { panel, translation, timeScale })
      } finally {
        byHand[name]?.after(panel, translation)
      }
    },

    /** Everything at once, drawing allocations as they come; what came of each is for the caller to check. */
    playTogether: (group: Exchange[], staggerMs = 0): Promise<Answered[]> =>
      Promise.all(
        group.map(async (exchange, index) => {
          rate.count(exchange)
          await sleep(index * staggerMs)
          const takeBack = scriptWings(panel, exchange)
          const answered = await call(exchange)
          takeBack()
          return answered
        }),
      ),
  }
}

function keyNameOf({ request: { headers } }: Exchange): string {
  return /<key:(\w+)>/.exec(headers.authorization ?? '')?.[1] ?? ''
}

function externalIdOf({ request: { body } }: Exchange): string | null {
  return isObject(body) && typeof body.external_id === 'string' ? body.external_id.trim() || null : null
}

/** As its caller saw it, or as others saw it where the caller never did. */
function recordedServer(exchange: Exchange): Record<string, unknown> | undefined {
  if (exchange.request.method !== 'POST') return undefined
  const path = `/api/application/servers/external/${externalIdOf(exchange)}`
  const seen = exchanges.find(({ request, response }) => request.path === path && response?.status === 200)
  const isUnseen = !exchange.response || exchange.name in begunBefore
  const [own] = attributesIn(exchange.response?.body, 'server')
  return own ?? (isUnseen ? attributesIn(seen?.response?.body, 'server')[0] : undefined)
}
