import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Scope } from './read-api-keys.ts'

/** Null when fine, else the reason in words. */
type Check = () => Promise<string | null>

export type Health = {
  service: string
  version: string
  /** What the outward job needs: any of them failing makes `/readyz` 503. */
  checks: Record<string, Check>
  /** What only slows things down: shown as `degraded`. */
  degrading?: Record<string, Check>
  summary: () => Promise<Record<string, unknown>>
  isStopping?: () => boolean
}

export const healthPaths = ['/health', '/api/health']

/**
 * `/livez` the process; `/readyz` what its outward job needs, by name; `/health` one word, and to a key that may read or operate the
 * whole picture.
 */
export function addHealth(app: OpenAPIHono, health: Health): void {
  app.get('/livez', (c) => c.json({ status: 'alive' }))
  const failingNow = shared(() => failures(health.checks), 0)
  app.get('/readyz', async (c) => {
    if (health.isStopping?.()) return c.json({ status: 'stopping' }, 503)
    const failing = await failingNow()
    return failing.length === 0
      ? c.json({ status: 'ready' })
      : c.json({ status: 'not ready', failing: failing.map(([name]) => name) }, 503)
  })
  const picture = shared(() => lookAt(health), pictureMs)
  for (const path of healthPaths)
    app.get(path, async (c) => {
      const whole = await picture()
      const { status } = whole
      return c.json(maySee(c) ? whole : { status }, status === 'unhealthy' ? 503 : 200)
    })
}

function maySee(c: Context): boolean {
  // Unset where no key was sent.
  const scopes: ReadonlySet<Scope> | undefined = c.get('scopes')
  return scopes !== undefined && (scopes.has('read') || scopes.has('operate'))
}

// Anybody may ask, and each look costs several queries.
const pictureMs = 1_000

async function lookAt(health: Health) {
  const [failing, slowing] = await Promise.all([failures(health.checks), failures(health.degrading ?? {})])
  const status = failing.length > 0 ? 'unhealthy' : slowing.length > 0 ? 'degraded' : 'healthy'
  return {
    status,
    service: health.service,
    version: health.version,
    uptime_seconds: Math.round(process.uptime()),
    failing: Object.fromEntries([...failing, ...slowing]),
    ...(failing.length === 0 ? await health.summary().catch((error) => ({ summary: String(error) })) : {}),
  }
}

/** Done once for all who ask while it is under way, and for `keptMs` after it began. */
function shared<Result>(work: () => Promise<Result>, keptMs: number): () => Promise<Result> {
  let latest: { result: Promise<Result>; begunMs: number; isUnderWay: boolean } | null = null
  return () => {
    if (latest && (latest.isUnderWay || performance.now() - latest.begunMs < keptMs)) return latest.result
    const look = { result: work(), begunMs: performance.now(), isUnderWay: true }
    look.result = look.result.finally(() => {
      look.isUnderWay = false
    })
    latest = look
    return look.result
  }
}

async function failures(checks: Record<string, Check>): Promise<[string, string][]> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await within2s(check)] as const),
  )
  return results.flatMap(([name, reason]) => (reason === null ? [] : [[name, reason] as [string, string]]))
}

async function within2s(check: Check): Promise<string | null> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('no answer within 2 s'), 2_000)
  })
  try {
    return await Promise.race([check(), late])
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    clearTimeout(timer)
  }
}
