/**
 * What stands in front of panels, as it answers:
 * - Cloudflare: challenges carry `cf-mitigated: challenge` (its documentation, "Detect a challenge page response"); its 5xx pages are
 *   listed there under "Cloudflare 5xx errors", blocks and limits are "error code: 10xx" for callers that are no browser.
 * - DDoS-Guard names itself in `server`.
 * - nginx: the pages of `ngx_http_special_response.c`.
 * - redirects: to https and to another name as nginx sends them; the panel's own to its login page (recorded: `bad-key-no-accept-header`);
 *   those of Cloudflare Access and of a login service.
 * - Laravel's `down --render` answers HTML with any `Accept`.
 */
export const fronts = [
  'cloudflare-challenge',
  'cloudflare-block',
  'cloudflare-521',
  'cloudflare-524',
  'ddos-guard',
  'nginx-404',
  'nginx-502',
  'nginx-504',
  'nginx-welcome',
  'https-redirect',
  'name-redirect',
  'login-redirect',
  'access-redirect',
  'maintenance-page',
] as const
export type Front = (typeof fronts)[number]

export function answerInFront(front: Front, request: Request): Response {
  const { host, pathname, search } = new URL(request.url)
  switch (front) {
    case 'cloudflare-challenge':
      return page(
        403,
        ofCloudflare({ 'cf-mitigated': 'challenge' }),
        html('Just a moment...', challengeScript),
      )
    case 'cloudflare-block':
      return page(403, ofCloudflare(), 'error code: 1020')
    case 'cloudflare-521':
      return page(521, ofCloudflare(), html(`${host} | 521: Web server is down`))
    case 'cloudflare-524':
      return page(524, ofCloudflare(), html(`${host} | 524: A timeout occurred`))
    case 'ddos-guard':
      return page(403, { server: 'ddos-guard' }, html('DDoS-Guard'))
    case 'nginx-404':
      return page(404, ofNginx, nginx('404 Not Found'))
    case 'nginx-502':
      return page(502, ofNginx, nginx('502 Bad Gateway'))
    case 'nginx-504':
      return page(504, ofNginx, nginx('504 Gateway Time-out'))
    case 'nginx-welcome':
      return page(200, ofNginx, html('Welcome to nginx!'))
    case 'https-redirect':
      return redirect(301, `https://${host}${pathname}${search}`)
    case 'name-redirect':
      return redirect(308, `https://panel.example.com${pathname}${search}`)
    case 'login-redirect':
      return redirect(302, '/auth/login')
    case 'access-redirect':
      return redirect(
        302,
        `https://shop.cloudflareaccess.com/cdn-cgi/access/login/${host}?redirect_url=${pathname}`,
      )
    case 'maintenance-page':
      return page(503, ofNginx, html('Service Unavailable', '<div>503</div><div>Service Unavailable</div>'))
  }
}

const ofNginx = { server: 'nginx' }
const challengeScript = '<script src="/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1"></script>'

function ofCloudflare(headers: Record<string, string> = {}) {
  return { server: 'cloudflare', 'cf-ray': '8a1b2c3d4e5f6789-FRA', ...headers }
}

function redirect(status: number, location: string): Response {
  return page(status, { ...ofNginx, location }, nginx(`${status} Moved`))
}

function page(status: number, headers: Record<string, string>, body: string): Response {
  return new Response(body, { status, headers: { 'content-type': 'text/html; charset=UTF-8', ...headers } })
}

function html(title: string, body = ''): string {
  return `<!DOCTYPE html><html lang="en-US"><head><title>${title}</title></head><body>${body}</body></html>`
}

function nginx(line: string): string {
  return [
    '<html>',
    `<head><title>${line}</title></head>`,
    '<body>',
    `<center><h1>${line}</h1></center>`,
    '<hr><center>nginx</center>',
    '</body>',
    '</html>',
    '',
  ].join('\r\n')
}
