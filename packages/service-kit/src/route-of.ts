import type { OpenAPIHono } from '@hono/zod-openapi'

/** The pattern of the route that answers, such as `/orders/:id/plan`; null where there is none. */
export function patternOf(app: OpenAPIHono, method: string, path: string): string | null {
  // Middleware matches every path, with the method ALL.
  const matched = app.router.match(method, path)[0].find(([[, route]]) => route.method !== 'ALL')
  return matched ? matched[0][1].path : null
}

/** What stands in a path where its pattern has parameters. */
export function parametersOf(pattern: string, path: string): Record<string, string> {
  const parts = path.split('/')
  return Object.fromEntries(
    pattern.split('/').flatMap((part, index) => {
      const value = parts[index]
      return part.startsWith(':') && value !== undefined ? [[part.slice(1), decoded(value)]] : []
    }),
  )
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
