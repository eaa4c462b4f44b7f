import { addressSetting, keySetting, kindSetting } from '../panel-types/main-panel.ts'
import { isOfNode, PanelError } from '../panel-types/panel-error.ts'
import { addressHint } from './explain-answer.ts'

export type ErrorClass = {
  /**
   * `retry`: answered, and nothing was done; it may succeed later. `recheck`: it is unknown what was done, or
   * another change came first. `permanent`: it will be refused again until a person changes something.
   */
  kind: 'retry' | 'recheck' | 'permanent'
  class: string
  message: string
}

/** What an error of the panel means. Its code is asked first: the status of a daemon's error is the daemon's. */
export function classifyError(error: PanelError): ErrorClass {
  if (error.kind === 'not_sent') return notSentClass(error)
  if (error.kind === 'no_panel') return retry('panel_unknown', error.detail)
  if (error.kind === 'not_allowed')
    return retry('panel_not_allowed', `${error.target} is not called. ${error.detail}`)
  if (error.kind === 'unreachable') return recheck('panel_unreachable', at(error))
  if (error.kind === 'timeout') return recheck('panel_timeout', at(error))
  // Another answer to too many calls than the panel's own.
  if (error.by && !(error.by === 'page' && error.status === 429)) return inFrontClass(error, error.by)
  if (isOfNode(error)) return recheck('node_unreachable', `The node's Wings did not do it: ${error.detail}`)
  switch (error.code) {
    case 'ValidationException':
      return refusedBody(error)
    case 'TwoFactorAuthRequiredException':
      return badKey(error)
    case 'NotFoundHttpException':
      return notFound(error)
    case 'DataValidationException':
      if (error.detail.includes('allocation_id')) return recheck('allocation_taken', error.detail)
  }
  return byStatus(error)
}

function at({ detail, target }: PanelError): string {
  return target === '' ? detail : `${detail} (${target})`
}

const inFrontNames = {
  challenge: 'panel_challenge',
  login: 'panel_redirects',
  redirect: 'panel_redirects',
  proxy: 'panel_proxy',
  page: 'panel_address',
} as const

// What a proxy answers says nothing about what the panel behind it did.
function inFrontClass(error: PanelError, by: keyof typeof inFrontNames): ErrorClass {
  const setIt = by === 'redirect' || by === 'page' ? ` See ${addressSetting(error.panel)}.` : ''
  const status = error.status ?? 0
  const kind = status >= 500 && by !== 'challenge' ? 'recheck' : 'retry'
  return { kind, class: inFrontNames[by], message: `${error.detail}${setIt}` }
}

function byStatus(error: PanelError): ErrorClass {
  const status = error.status ?? 0
  if (status === 401 || status === 403) return badKey(error)
  if (status === 429) return retry('panel_rate_limit', "The panel's rate limit is reached")
  if (isMaintenance(error)) return recheck('panel_maintenance', maintenance(error))
  if (status >= 500) return recheck('panel_error', error.message)
  if (error.kind === 'not_json') return retry('panel_answer', error.message)
  if (status === 409) return retry('panel_conflict', error.message)
  return permanent('panel_refused', error.message)
}

// The reason for not sending is the previous response.
function notSentClass({ cause, detail }: PanelError): ErrorClass {
  if (!(cause instanceof PanelError)) return retry('panel_rate_limit', detail)
  const { class: name, message } = classifyError(cause)
  return retry(name, message)
}

function refusedBody(error: PanelError): ErrorClass {
  const taken = error.fields.some(({ rule }) => rule === 'unique')
  // Sent only where no user is found: another customer has it in other letters.
  if (taken && error.call === 'POST /users')
    return permanent(
      'customer_taken',
      `The panel takes this customer for another one's user: ${error.detail} It sees no difference in case and accents. ` +
        'Change that user on the panel, then provision the order again.',
    )
  if (taken) return recheck('already_there', error.detail)
  const gone = error.fields.filter(({ rule }) => rule === 'exists').map(({ field }) => field)
  const isAllOf = (what: string) => gone.length > 0 && gone.every((field) => field.startsWith(what))
  if (isAllOf('allocation')) return recheck('allocation_taken', error.detail)
  if (isAllOf('egg'))
    return permanent(
      'egg_missing',
      "The panel no longer has the egg: correct the plan's spec, then provision the order again.",
    )
  if (gone.includes('user')) return recheck('user_gone', error.detail)
  if (error.call === 'POST /users')
    return permanent(
      'customer_refused',
      `The panel refuses the customer: ${error.detail} Correct the order's customer, then provision it again.`,
    )
  return permanent(
    'panel_refused',
    `The panel refuses the server: ${error.detail} Correct the plan's spec or the egg, then provision it again.`,
  )
}

/** Of `php artisan down`: before its routes, so without the headers of the rate limit (recorded: `maintenance-mode-503`). */
function isMaintenance({ status, code, detail }: PanelError): boolean {
  return status === 503 && code === 'HttpException' && /service unavailable/i.test(detail)
}

function maintenance({ target }: PanelError): string {
  return `The panel${target === '' ? '' : ` at ${target}`} is in maintenance mode: it goes on by itself after \`php artisan up\` there.`
}

/** What tells the kinds of panel apart: every Pterodactyl panel has a list of nests, and only a Pelican panel eggs outside of them. */
export function isProbe(call: string): boolean {
  return call.startsWith('GET /nests?') || call === 'GET /eggs/0'
}

/** It answered as a panel of the other kind. */
export function isOtherKind(error: PanelError): boolean {
  const isMissing = error.code === 'NotFoundHttpException' && isProbe(error.call) && !isWrongPath(error)
  return isMissing && (error.call.startsWith('GET /nests') || /^The route /.test(error.detail))
}

/** A panel answers, but not at this path: it names the whole path that it has no route for, with what the address has before it. */
export function isWrongPath({ code, detail, target }: PanelError): boolean {
  const [, path] = /^The route (\S+) could not be found/.exec(detail) ?? []
  if (code !== 'NotFoundHttpException' || path === undefined) return false
  const before = hasPath(target) ? `${new URL(target).pathname.slice(1)}/` : ''
  return !path.startsWith('api/application/') || (before !== '' && path.startsWith(`${before}api/`))
}

function notFound(error: PanelError): ErrorClass {
  if (isOtherKind(error)) return otherKind(error)
  if (isWrongPath(error))
    return retry(
      'panel_address',
      `A panel answers at ${error.target}, but has no API there (${error.detail}): ${addressHint(error.target)} Set ${addressSetting(error.panel)} to the address of a Pterodactyl panel.`,
    )
  if (/route .* could not be found/.test(error.detail))
    return retry(
      'panel_answer',
      `${error.message} Set ${addressSetting(error.panel)} to the address of a Pterodactyl panel.`,
    )
  return recheck('gone_on_panel', `The panel no longer has it: ${error.call}`)
}

function otherKind({ call, panel }: PanelError): ErrorClass {
  const setThem = (kind: string) =>
    `Set ${kindSetting(panel)} to ${kind}, or ${addressSetting(panel)} to another panel.`
  return call.startsWith('GET /nests')
    ? retry(
        'panel_is_pelican',
        `This is a Pelican panel, or none: it has no nests. ${setThem('pelican (beta)')}`,
      )
    : retry(
        'panel_is_pterodactyl',
        `This is a Pterodactyl panel, or none: it has no eggs outside of nests. ${setThem('pterodactyl')}`,
      )
}

function badKey({ detail, status, call, panel, target }: PanelError): ErrorClass {
  const missing = status === 403 ? `The key needs ${rightFor(call)}. ` : ''
  // The pages of a panel want a session where its API wants a key, and answer the same.
  const path = hasPath(target) ? `If the key is right: ${addressHint(target)} ` : ''
  return retry(
    'panel_auth',
    `Panel authentication failed${target === '' ? '' : ` at ${target}`}: ${detail} ${missing}${path}Check ${keySetting(panel)} (an Application API key of an administrator ` +
      'that reads nodes, allocations, nests and eggs and reads and writes servers and users).',
  )
}

/** Whether the address of a panel names more than a host. */
export function hasPath(target: string): boolean {
  return target !== '' && new URL(target).pathname !== '/'
}

function retry(name: string, message: string): ErrorClass {
  return { kind: 'retry', class: name, message }
}

function recheck(name: string, message: string): ErrorClass {
  return { kind: 'recheck', class: name, message }
}

function permanent(name: string, message: string): ErrorClass {
  return { kind: 'permanent', class: name, message }
}

/** The permission that the panel requires of a key for a call, in the words of its page of keys: `read on allocations`. */
export function rightFor(call: string): string {
  const [method = '', path = ''] = call.split(' ')
  const [, resource = '', , within = ''] = path.replace(/\?.*$/, '').split('/')
  const what = within === 'allocations' || within === 'eggs' ? within : resource
  return `${method === 'GET' ? 'read' : 'write'} on ${what}`
}
