import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { baseEnv, type Checks, createHttp, createLogger } from '../src/index.ts'

const key = 'a-key-of-sixteen-or-more'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

function openApp(checks: Checks, degrading: Checks = {}, summary = async () => ({})) {
  const app = createHttp({
    service: 'test',
    version: '0',
    apiKeys: baseEnv.API_KEYS.parse(`test:scopes=read:${key}`),
    routeScopes: {},
    isOutage: () => false,
    checks,
    degrading,
    summary,
    log: createLogger({ service: 'test', level: 'silent' }),
  })
  return {
    ask: async (path: string) => (await app.request(path)).status,
    health: async () => {
      const response = await app.request('/health', { headers: { authorization: `Bearer ${key}` } })
      return (await response.json()) as { status: string; failing: Record<string, string> }
    },
  }
}

const fine = { find: async () => null, mend: 'nothing' }
const never = () => new Promise<null>(() => {})

test('many who ask for the health at once, or within two seconds, cost one look', async () => {
  let looks = 0
  const find = async () => {
    looks += 1
    return null
  }
  const { ask } = openApp({ database: { find, mend: 'start it' } })
  const paths = Array.from({ length: 100 }, (_, n) => ['/health', '/api/health', '/readyz'][n % 3] ?? '')
  expect(await Promise.all(paths.map(ask))).toEqual(Array(100).fill(200))
  expect(looks).toBe(1)
  await vi.advanceTimersByTimeAsync(2_000)
  await ask('/readyz')
  expect(looks).toBe(2)
})

test('a reason is told with the command that mends it, and only what the outward job needs takes readiness', async () => {
  const { ask, health } = openApp(
    { database: fine },
    {
      nats: { find: async () => 'NATS does not answer', mend: 'start it' },
      stripe: { find: async () => ({ problem: 'Stripe refuses the key', mend: 'correct it' }), mend: 'wait' },
    },
  )
  expect(await health()).toMatchObject({
    status: 'degraded',
    failing: { nats: 'NATS does not answer → start it', stripe: 'Stripe refuses the key → correct it' },
  })
  expect(await ask('/readyz')).toBe(200)
})

test('a check that throws is a reason, and so is one that does not answer; others are told meanwhile', async () => {
  const { ask, health } = openApp(
    {
      database: {
        find: async () => {
          throw new Error('read-only')
        },
        mend: 'make it writable',
      },
    },
    { panel: { find: never, mend: 'look at the panel' } },
    never as never,
  )
  const asked = health()
  await vi.advanceTimersByTimeAsync(2_000)
  expect(await asked).toMatchObject({
    status: 'unhealthy',
    failing: {
      database: 'read-only → make it writable',
      panel: 'This could not be checked: no answer for 2 s → look at the panel',
    },
    summary: 'not counted in time',
  })
  expect(await ask('/readyz')).toBe(503)
})

test('one slow or failed look is no stall: what was found lasts five seconds, and what hangs is begun once', async () => {
  let looks = 0
  let answer: () => Promise<null> = async () => null
  const { health } = openApp({
    database: {
      find: () => {
        looks += 1
        return answer()
      },
      mend: 'start it',
    },
  })
  expect((await health()).status).toBe('healthy')
  answer = never
  const seen: string[] = []
  for (let second = 0; second < 10; second += 1) {
    await vi.advanceTimersByTimeAsync(1_000)
    const asked = health()
    await vi.advanceTimersByTimeAsync(2_000)
    seen.push((await asked).status)
  }
  expect(seen.slice(0, 1)).toEqual(['healthy'])
  expect(seen.slice(2)).toEqual(Array(8).fill('unhealthy'))
  expect(looks).toBe(2)
})
