import type { OpenAPIHono } from '@hono/zod-openapi'
import type { Context } from 'hono'
import type { Scope } from './read-api-keys.ts'
import { type Checks, messageOf, shareLatest, watchAll } from './watched-checks.ts'

export type Health = {
  service: string
  version: string
  /** What the outward job needs: any of them failing makes `/readyz` 503. */
  checks: Checks
  /** What does not move, cannot be done or waits for a person, while the outward job is done: shown as `degraded`. */
  degrading?: Checks
  summary: () => Promise<Record<string, unknown>>
  isStopping?: () => boolean
}

export const healthPaths = ['/health', '/api/health']

/**
 * `/livez` the process; `/readyz` what its outward job needs, by name; `/health` one word, and to a key that may read or operate the
 * whole picture: each reason with the command that mends it. Always answered within seconds.
 */
export function addHealth(app: OpenAPIHono, health: Health): void {
  app.get('/livez', (c) => c.json({ status: 'alive' }))
  const failing = watchAll(health.checks)
  const degrading = watchAll(health.degrading ?? {})
  const latestCounts = shareLatest(health.summary)
  app.get('/readyz', async (c) => {
    if (health.isStopping?.()) return c.json({ status: 'stopping' }, 503)
    const names = Object.keys(await failing())
    return names.length === 0
      ? c.json({ status: 'ready' })
      : c.json({ status: 'not ready', failing: names }, 503)
  })

  async function look() {
    const [failed, degraded] = await Promise.all([failing(), degrading()])
    const isFailing = Object.keys(failed).length > 0
    const isDegraded = Object.keys(degraded).length > 0
    return {
      status: isFailing ? 'unhealthy' : isDegraded ? 'degraded' : 'healthy',
      failing: { ...failed, ...degraded },
    }
  }

  async function counted(): Promise<Record<string, unknown>> {
    const latest = await latestCounts()
    if ('value' in latest) return latest.value
    return { summary: 'error' in latest ? messageOf(latest.error) : 'not counted in time' }
  }

  for (const path of healthPaths)
    app.get(path, async (c) => {
      const [{ status, failing: reasons }, counts] = await Promise.all([look(), maySee(c) ? counted() : null])
      const code = status === 'unhealthy' ? 503 : 200
      if (counts === null) return c.json({ status }, code)
      const whole = {
        status,
        service: health.service,
        version: health.version,
        uptime_seconds: Math.round(process.uptime()),
        failing: reasons,
      }
      return c.json({ ...whole, ...counts }, code)
    })
}

function maySee(c: Context): boolean {
  // Unset where no key was sent.
  const scopes: ReadonlySet<Scope> | undefined = c.get('scopes')
  return scopes !== undefined && (scopes.has('read') || scopes.has('operate'))
}
