import { notFound, PanelError } from './errors.ts'
import type { Params } from './route.ts'

const verbs = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

/** The first route that fits, as Laravel finds it: a wrong method is 405 and lists the allowed ones. */
export function matchRoute<Route extends { method: string; pattern: string }>(
  routes: readonly Route[],
  method: string,
  path: string,
): { route: Route; params: Params } {
  const trimmed = path.replace(/^\/+|\/+$/g, '')
  const wanted = method === 'HEAD' ? 'GET' : method
  const fitting = routes.flatMap((route) => {
    const params = paramsOf(route.pattern, trimmed)
    return params ? [{ route, params }] : []
  })
  const match = fitting.find(({ route }) => route.method === wanted)
  if (match) return match
  if (fitting.length === 0) throw notFound(`The route ${trimmed} could not be found.`)

  const methods = new Set(
    fitting.flatMap(({ route }) => (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method])),
  )
  const allowed = verbs.filter((verb) => methods.has(verb)).join(', ')
  throw new PanelError(
    405,
    'MethodNotAllowedHttpException',
    `The ${method} method is not supported for route ${trimmed}. Supported methods: ${allowed}.`,
    { headers: { allow: allowed } },
  )
}

// A slash inside a value cannot be sent: to the panel, %2F divides segments like any other.
function paramsOf(pattern: string, path: string): Params | undefined {
  const names = pattern.split('/')
  const values = path.split('/')
  if (names.length !== values.length || /%2f/i.test(path)) return undefined
  const params: Params = {}
  for (const [index, name] of names.entries()) {
    const value = values[index] ?? ''
    if (name.startsWith(':')) params[name.slice(1)] = decode(value)
    else if (name !== value) return undefined
  }
  return params
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
