import type { Answer } from './answer-parts.ts'
import { PanelError, unexpected } from './errors.ts'

export function ok(body: unknown): Answer {
  return { status: 200, body }
}

export function created(body: unknown): Answer {
  return { status: 201, body }
}

export const noContent: Answer = { status: 204 }

const noCache = { 'cache-control': 'no-cache, private' }

/** With no CORS origin configured, the panel still says so; its routes for Wings do not. */
export const cors = { 'access-control-allow-origin': '', 'access-control-allow-credentials': 'true' }

export function respond({ status, body, pretty = false, headers = {} }: Answer): Response {
  if (body === undefined) return new Response(null, { status, headers: { ...noCache, ...headers } })
  return new Response(JSON.stringify(body, null, pretty ? 4 : 0), {
    status,
    headers: { ...noCache, 'content-type': 'application/json', ...headers },
  })
}

/** JSON only for a caller whose first choice is JSON. Anybody else is taken for a browser. */
export function respondError(request: Request, error: unknown, headers: Record<string, string>): Response {
  if (!(error instanceof PanelError)) console.error(error)
  const known = error instanceof PanelError ? error : unexpected('Error')
  const answer = known.answer()
  if (wantsJson(request)) return respond({ ...answer, headers: { ...headers, ...answer.headers } })
  if (known.as === 'display') {
    const { origin } = new URL(request.url)
    return redirect(known.status === 401 ? `${origin}/auth/login` : origin, headers)
  }
  return page(known.status, { ...headers, ...answer.headers })
}

/** As `templates/wrapper.blade.php` begins. */
export function browserPage(): Response {
  const html = `<!DOCTYPE html>
<html>
    <head>
        <title>Pterodactyl</title>
        <script>
            window.SiteConfiguration = {"name":"Pterodactyl","locale":"en"};
        </script>
    </head>
    <body class="bg-neutral-800">
        <div id="modal-portal"></div>
        <div id="app"></div>
    </body>
</html>
`
  return new Response(html, {
    status: 200,
    headers: { ...noCache, 'content-type': 'text/html; charset=UTF-8' },
  })
}

function wantsJson(request: Request): boolean {
  const [first = ''] = (request.headers.get('accept') ?? '').split(',')
  return /[/+]json/i.test(first)
}

function redirect(location: string, headers: Record<string, string>): Response {
  const html = `<!DOCTYPE html>
<html>
    <head>
        <meta charset="UTF-8" />
        <meta http-equiv="refresh" content="0;url='${location}'" />
        <title>Redirecting to ${location}</title>
    </head>
    <body>
        Redirecting to <a href="${location}">${location}</a>.
    </body>
</html>`
  return new Response(html, {
    status: 302,
    headers: { ...noCache, location, 'content-type': 'text/html; charset=utf-8', ...headers },
  })
}

function page(status: number, headers: Record<string, string>): Response {
  const html = `<!DOCTYPE html>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <title>${titles[status] ?? 'Server Error'}</title>
    </head>
    <body>
        <div>${status}</div>
        <div>${titles[status] ?? 'Server Error'}</div>
    </body>
</html>
`
  return new Response(html, {
    status,
    headers: { ...noCache, 'content-type': 'text/html; charset=UTF-8', ...headers },
  })
}

const titles: Record<number, string> = {
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}
