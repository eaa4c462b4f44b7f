import { allocationRoutes } from '../api/allocations.ts'
import { locationRoutes } from '../api/locations.ts'
import { nestRoutes } from '../api/nests.ts'
import { nodeRoutes } from '../api/nodes.ts'
import { authenticateNode, remoteRoutes } from '../api/remote.ts'
import { serverRoutes } from '../api/servers.ts'
import { userRoutes } from '../api/users.ts'
import { type ApiKey, mayDo } from '../keys.ts'
import type { PanelContext } from '../panel-context.ts'
import { pelicanRoutes } from '../pelican/routes.ts'
import type { PanelKind } from '../settings.ts'
import { type Input, isInput, normalise } from '../validation/input.ts'
import { browserPage, cors, respond, respondError } from './answer.ts'
import type { Answer } from './answer-parts.ts'
import {
  accessDenied,
  malformedJson,
  PanelError,
  twoFactorRequired,
  unauthenticated,
  underMaintenance,
  unexpected,
} from './errors.ts'
import { matchRoute } from './match-route.ts'
import type { RateLimit } from './rate-limit.ts'
import type { Method, Route } from './route.ts'

export type Receive = (request: Request, from: { ip: string }) => Promise<Response>

/** `/api/application`: each check in the panel's order, because the order decides which error a caller sees. */
export function createApplicationApi(
  panel: PanelContext,
  {
    kind,
    keys,
    rateLimit,
    count,
  }: { kind: PanelKind; keys: readonly ApiKey[]; rateLimit: RateLimit; count: (route: string) => void },
): Receive {
  const routes = routesOf[kind](panel)
    .map((route): Route => ({ ...route, pattern: `api/application/${route.pattern}` }))
    .concat(notSimulated)

  async function answer(request: Request, ip: string, limited: { user?: string }): Promise<Answer> {
    if (panel.settings.maintenance) throw underMaintenance()
    const { pathname, search, origin } = new URL(request.url)
    const { route, params } = matchRoute(routes, request.method, pathname)
    count(`${route.method} /${route.pattern}`)
    if (panel.settings.database === 'down') throw unexpected('QueryException')
    const key = keys.find(({ token }) => request.headers.get('authorization') === `Bearer ${token}`)
    const user = key && panel.tables.users.find(key.user)
    if (!user) throw unauthenticated()
    const body = await readBody(request)
    if (panel.settings.twoFactorRequired) throw twoFactorRequired()
    if (key.allowedIps && !key.allowedIps.includes(ip)) {
      throw accessDenied(
        `This IP address (${ip}) does not have permission to access the API using these credentials.`,
      )
    }
    const throttle = () => {
      rateLimit.hit(user.uuid)
      limited.user = user.uuid
    }
    const isLate = panel.settings.version === '1.12'
    if (!isLate) throttle()
    const handle = route.open(params)
    if (!user.root_admin) throw accessDenied('This account does not have permission to access the API.')
    if (isLate) throttle()
    if (!mayDo(key, ...route.needs)) throw accessDenied()
    const path = pathname.replace(/\/+$/, '')
    return handle({ origin, path, query: new URLSearchParams(search), body, key, user })
  }

  return async (request, { ip }) => {
    const limited: { user?: string } = {}
    const headers = () => ({ ...(limited.user && rateLimit.headers(limited.user)), ...cors })
    try {
      const { headers: own, ...rest } = await answer(request, ip, limited)
      return respond({ ...rest, headers: { ...headers(), ...own } })
    } catch (error) {
      return respondError(request, error, headers())
    }
  }
}

const routesOf: Record<PanelKind, (panel: PanelContext) => Route[]> = {
  pterodactyl: (panel) =>
    [serverRoutes, userRoutes, nodeRoutes, allocationRoutes, locationRoutes, nestRoutes].flatMap((of) =>
      of(panel),
    ),
  pelican: pelicanRoutes,
}

/**
 * The pages for browsers, which draw themselves: any other path gives them, whoever asks (`routes/base.php`, whose `auth.session` lets
 * guests pass).
 */
export function servePages(request: Request): Response | null {
  const isPage = !/^\/?(api|auth|admin|daemon)/.test(new URL(request.url).pathname.slice(1))
  return isPage && request.method === 'GET' ? browserPage() : null
}

/** `/api/remote`: Wings is not limited, and needs no CORS. */
export function createRemoteApi(panel: PanelContext, { count }: { count: (route: string) => void }): Receive {
  const routes = remoteRoutes(panel).map((route) => ({ ...route, pattern: `api/remote/${route.pattern}` }))

  return async (request) => {
    try {
      const { pathname, search, origin } = new URL(request.url)
      const { route, params } = matchRoute(routes, request.method, pathname)
      count(`${route.method} /${route.pattern}`)
      const node = authenticateNode(panel.tables, request.headers.get('authorization'))
      const body = await readBody(request)
      const call = { origin, query: new URLSearchParams(search), body, node }
      return respond(route.handle(call, params.uuid ?? ''))
    } catch (error) {
      return respondError(request, error, {})
    }
  }
}

// Fields are read only where the content type is JSON.
async function readBody(request: Request): Promise<Input> {
  if (!/[/+]json/i.test(request.headers.get('content-type') ?? '')) return {}
  const text = await request.text()
  if (text === '') return {}
  try {
    const body = normalise(JSON.parse(text))
    return isInput(body) ? body : {}
  } catch {
    throw malformedJson()
  }
}

/** The panel has these and the simulator does not; an explicit answer is better than that of a wrong address. */
const notSimulated: Route[] = [
  ...paths('PATCH', 'nodes/:node', 'locations/:location'),
  ...paths('DELETE', 'nodes/:node', 'locations/:location', 'servers/:server/databases/:database'),
  ...paths('GET', 'servers/:server/databases', 'servers/:server/databases/:database'),
  ...paths('POST', 'servers/:server/databases', 'servers/:server/databases/:database/reset-password'),
]

function paths(method: Method, ...patterns: string[]): Route[] {
  return patterns.map((pattern) => ({
    method,
    pattern: `api/application/${pattern}`,
    needs: ['servers', 'read'],
    open: () => () => {
      throw new PanelError(501, 'NotSimulated', 'The simulated panel does not have this route.')
    },
  }))
}
