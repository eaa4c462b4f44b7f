import type { HttpBindings } from '@hono/node-server'
import { Hono } from 'hono'
import { createControl, type PanelControl } from './control.ts'
import { controlRoutes } from './control-routes.ts'
import { demoPanel } from './demo-panel.ts'
import { createPanelFaults } from './faults.ts'
import { createMisbehaviour } from './http/misbehave.ts'
import { createRateLimit } from './http/rate-limit.ts'
import { createApplicationApi, createRemoteApi, type Receive, servePages } from './http/receive.ts'
import { type ApiKey, access, applicationKey } from './keys.ts'
import { listen } from './listen.ts'
import type { PanelContext } from './panel-context.ts'
import type { PanelSetup } from './panel-setup.ts'
import { defaultSettings, type PanelKind, type PanelSettings } from './settings.ts'
import type { Allocation } from './tables/rows.ts'
import { createTables, fill } from './tables/tables.ts'
import { createSleep } from './time.ts'
import { createInstalls, type InstallPlan } from './wings/installs.ts'
import { createWings } from './wings/wings.ts'
import { createWingsFaults } from './wings/wings-faults.ts'

const administrator = 1

export type PanelOptions = {
  /** 0 or nothing: any free port. */
  port?: number
  host?: string
  /** The keys that work; the first is the panel's `token`. One that may do everything if left out. */
  keys?: ApiKey[]
  /** Multiplies every simulated duration: Wings' timeouts, installs and the window of the rate limit. */
  timeScale?: number
  /** `pterodactyl` if left out. */
  kind?: PanelKind
  /** Which Pterodactyl panel it is; `1.11` if left out. */
  version?: PanelSettings['version']
  /** Calls of one user; 240 if left out (256 of Pelican), null for no limit. */
  rateLimitPerMinute?: number | null
  /** How long a window of the rate limit is; a scaled minute if left out. */
  rateWindowMs?: number
  /** How installs end; well and after 2 s if left out. */
  install?: InstallPlan
  /** What the panel holds at first: `demoPanel()` if left out. */
  setup?: PanelSetup
  /** The former name of `setup`. */
  world?: PanelSetup
  now?: () => number
  random?: () => number
  /** Which of the free allocations a deploy gets: any, if left out. */
  draw?: (free: readonly Allocation[], externalId: string | null) => Allocation | undefined
}

export type Panel = AsyncDisposable &
  PanelControl & {
    url: string
    /** A key that may do everything. */
    token: string
    keys: readonly ApiKey[]
    close: () => Promise<void>
  }

/** A Pterodactyl or Pelican panel with its Application API on a real port, and Wings on all of its nodes. */
export async function startPanel(options: PanelOptions = {}): Promise<Panel> {
  const { timeScale = 1, now = Date.now, random = Math.random, host = '127.0.0.1' } = options
  const { panel, faults, wingsFaults } = createPanel({ ...options, timeScale, now, random })
  const keys = options.keys ?? [applicationKey(administrator, access.both)]
  const calls = new Map<string, number>()
  const count = (route: string) => calls.set(route, (calls.get(route) ?? 0) + 1)
  const rateLimit = createRateLimit({
    perMinute: () => panel.settings.rateLimitPerMinute,
    windowMs: options.rateWindowMs ?? 60_000 * timeScale,
    now,
  })
  const control = createControl({ panel, faults, wingsFaults, calls, throttled: rateLimit.refused })
  const misbehave = createMisbehaviour({ faults, sleep: createSleep(timeScale), now })
  const serve =
    (receive: Receive) =>
    (request: Request, { incoming }: HttpBindings) =>
      misbehave(request, incoming, (passed) =>
        receive(passed, { ip: incoming.socket.remoteAddress?.replace('::ffff:', '') ?? '' }),
      )
  const application = serve(
    createApplicationApi(panel, { kind: options.kind ?? 'pterodactyl', keys, rateLimit, count }),
  )
  const remote = serve(createRemoteApi(panel, { count }))

  const app = new Hono<{ Bindings: HttpBindings }>()
    .route('/_simulator', controlRoutes(control))
    .all('/api/remote/*', (call) => remote(call.req.raw, call.env))
    .all('*', (call) => servePages(call.req.raw) ?? application(call.req.raw, call.env))

  const server = await listen(app.fetch, { port: options.port ?? 0, host })
  const url = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${server.port}`
  const token = keys[0]?.token ?? ''
  return { ...control, url, token, keys, close: server.close, [Symbol.asyncDispose]: server.close }
}

function createPanel(options: PanelOptions & { timeScale: number; now: () => number; random: () => number }) {
  const { timeScale, now, random } = options
  const settings = { ...defaultSettings() }
  // Source: pelican-dev/panel, `config/http.php`.
  if (options.kind === 'pelican') Object.assign(settings, { version: '1.12', rateLimitPerMinute: 256 })
  if (options.rateLimitPerMinute !== undefined) settings.rateLimitPerMinute = options.rateLimitPerMinute
  if (options.version !== undefined) settings.version = options.version
  const tables = createTables({ now })
  fill(tables, options.setup ?? options.world ?? demoPanel())
  const sleep = createSleep(timeScale)
  const faults = createPanelFaults({ random })
  const wingsFaults = createWingsFaults({ random })
  const installs = createInstalls({
    tables,
    initial: options.install ?? { mode: 'after', ms: 2_000 },
    sleep,
    now,
  })
  const panel: PanelContext = {
    tables,
    wings: createWings({ tables, faults: wingsFaults, settings, sleep, now }),
    installs,
    settings,
    now,
    pause: () => createSleep(1)(random() * 3),
    draw: options.draw ?? ((free) => free[Math.floor(random() * free.length)]),
    writingResetTokens: new Set(),
  }
  return { panel, faults, wingsFaults }
}
