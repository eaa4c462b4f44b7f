import { plainText } from '@spawnpoint/service-kit'

/** What answered, and where: everything that tells a panel from what stands in front of it. */
export type Answered = { status: number; headers: Headers; text: string; target: string }

export type Explained = {
  /** `challenge`: a test for browsers; `login`: of a service in front; `proxy`: the panel behind it does not answer. */
  by: 'challenge' | 'login' | 'redirect' | 'proxy' | 'page'
  /** A sentence that says what answered and what to do. */
  detail: string
}

/** What an answer is that no panel gives to a call with a key: a redirect, or anything but JSON. */
export function explainAnswer(answered: Answered): Explained {
  const { status } = answered
  if (isChallenge(answered)) return challenge(answered)
  if (status >= 300 && status < 400) return redirect(answered)
  const tunnel = cloudflareStatus[status]
  if (tunnel && isCloudflare(answered))
    return { by: 'proxy', detail: `Cloudflare in front of ${answered.target} answered ${status}: ${tunnel}` }
  if ([502, 503, 504].includes(status)) return proxy(answered)
  if (status >= 500) return serverError(answered)
  if (status === 404) return wrongPath(answered)
  return page(answered)
}

/** By Cloudflare's documentation (`cf-mitigated`, cf-chl scripts), Sucuri, DDoS-Guard, Imperva and AWS WAF. */
function isChallenge({ status, headers, text }: Answered): boolean {
  if (headers.get('cf-mitigated') === 'challenge' || headers.get('x-amzn-waf-action')) return true
  if (!isHtml(text) && !/error code: 10\d\d/.test(text)) return false
  return (
    /cdn-cgi\/challenge-platform|cf-chl-|<title>(Just a moment|Attention Required! \| Cloudflare|DDoS-Guard)/i.test(
      text,
    ) ||
    /error code: 10\d\d|_Incapsula_Resource|sucuri_cloudproxy|checking your browser/i.test(text) ||
    ([403, 429, 503].includes(status) && protectors.test(headers.get('server') ?? ''))
  )
}

const protectors = /cloudflare|ddos-guard|sucuri|akamaighost|imperva/i

function challenge(answered: Answered): Explained {
  const { status, target } = answered
  const who = isCloudflare(answered) ? 'Cloudflare' : 'A protection service'
  const detail =
    `${who} in front of ${target} answered ${status} with a page for browsers instead of passing the call on: ` +
    "let this machine's address past it, or switch challenges off for /api/application/* (a WAF rule that skips them)."
  return { by: 'challenge', detail }
}

function redirect({ status, headers, target }: Answered): Explained {
  const to = headers.get('location') ?? ''
  const url = to !== '' && URL.canParse(to, `${target}/`) ? new URL(to, `${target}/`) : null
  const from = new URL(target)
  const shown = url ? visible(`${url.origin}${url.pathname}`) : 'nowhere'
  const says = `${target} redirects (${status}) to ${shown}`
  if (!url) return { by: 'redirect', detail: `${says}: set the address to where the panel itself answers.` }
  if (
    url.host !== from.host &&
    /cloudflareaccess\.com|\/oauth|\/authorize|auth[.-]|login|sso/i.test(url.href)
  )
    return {
      by: 'login',
      detail: `${says}: a login service stands in front of the panel. Let /api/application/* past it.`,
    }
  if (url.host === from.host && /\/(auth\/)?login\b/.test(url.pathname))
    return {
      by: 'login',
      detail: `${says}, the login page for browsers: something in front of the panel changes the calls. It must pass on the headers Accept and Authorization.`,
    }
  const path = url.pathname.replace(/\/api\/application.*$/, '').replace(/\/+$/, '')
  return { by: 'redirect', detail: `${says}: set the address to ${visible(`${url.origin}${path}`)}.` }
}

/** https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-5xx-errors/ */
const cloudflareStatus: Record<number, string> = {
  520: "the panel's web server answered with something that is no answer.",
  521: "the panel's web server refuses connections: is it running, and does it let Cloudflare in?",
  522: "the panel's web server could not be reached: is the machine up, and does its firewall let Cloudflare in?",
  523: "there is no way to the panel's web server: is its address at Cloudflare still right?",
  524: 'the panel took longer than 100 s.',
  525: "TLS between Cloudflare and the panel's web server failed: check its certificate.",
  526: "the certificate of the panel's web server is not valid.",
  530: 'the panel could not be reached (DNS, or its tunnel is down).',
}

function proxy(answered: Answered): Explained {
  const { status, target } = answered
  const what: Record<number, string> = {
    502: 'Bad Gateway: PHP, or the panel behind it, does not answer. Is php-fpm running?',
    503: 'Service Unavailable: it has no panel to pass the call on to, or is being maintained.',
    504: 'Gateway Timeout: the panel took too long. Look at the load of its machine and at its database.',
  }
  return { by: 'proxy', detail: `${serverOf(answered)} at ${target} answered ${status} ${what[status]}` }
}

function serverError(answered: Answered): Explained {
  const { status, target } = answered
  const detail = `${serverOf(answered)} at ${target} answered ${status}${titled(answered)} in place of the panel: its log says why.`
  return { by: 'proxy', detail }
}

function wrongPath(answered: Answered): Explained {
  const { target } = answered
  return {
    by: 'page',
    detail: `${serverOf(answered)} at ${target} has nothing there (404${titled(answered)}): ${addressHint(target)}`,
  }
}

function page(answered: Answered): Explained {
  const { status, target, text } = answered
  const isPanel = /SiteConfiguration|<title>\s*(Pterodactyl|Pelican)/i.test(text)
  const what = isPanel
    ? 'with the pages of a panel for browsers, not its API'
    : isHtml(text)
      ? `with a page for browsers${titled(answered)}`
      : text.trim() === ''
        ? 'with nothing'
        : 'with something that is not JSON'
  return { by: 'page', detail: `${target} answered ${status} ${what}: ${addressHint(target)}` }
}

/** A panel stands at the root of its address as a rule. */
export function addressHint(target: string): string {
  if (target === '') return 'is this the address of a panel?'
  const { origin, pathname } = new URL(target)
  return pathname === '/'
    ? 'is this the address of a panel, and does its web server hand /api to it?'
    : `is the panel at ${origin}, without ${visible(pathname)}?`
}

function serverOf({ headers }: Answered): string {
  const name = visible(headers.get('server') ?? '').split(/[/ ]/)[0]
  return name ? `The web server (${name})` : 'The web server'
}

function titled({ text }: Answered): string {
  const title = visible(/<title[^>]*>([^<]*)/i.exec(text)?.[1] ?? '')
  return title === '' ? '' : ` titled ${JSON.stringify(title)}`
}

function isCloudflare({ headers }: Answered): boolean {
  return headers.has('cf-ray') || /cloudflare/i.test(headers.get('server') ?? '')
}

function isHtml(text: string): boolean {
  return /^\s*<(!doctype|html|head|body|center|h1)/i.test(text)
}

function visible(text: string): string {
  return plainText(text, 100)
}
