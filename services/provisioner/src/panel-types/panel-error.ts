import { plainText } from '@spawnpoint/service-kit'
import { mainPanel } from './main-panel.ts'

export type PanelErrorDetails = {
  /**
   * `http`: the panel answered with an error; `not_sent`: no request was sent; `not_allowed`: none is sent to such an address;
   * `no_panel`: its address is not configured; in the others it is unknown what the panel did.
   */
  kind: 'unreachable' | 'timeout' | 'http' | 'not_json' | 'not_sent' | 'not_allowed' | 'no_panel'
  status?: number | undefined
  /** The panel's own name of the error, such as `ValidationException`. */
  code?: string | undefined
  detail: string
  /** Of `not_json`: what answered in the panel's place. */
  by?: 'challenge' | 'login' | 'redirect' | 'proxy' | 'page' | undefined
  /** Of a refused body: which field, by which rule. */
  fields?: { field: string; rule: string; detail: string }[] | undefined
  retryAfterMs?: number | undefined
}

export class PanelError extends Error {
  override name = 'PanelError'
  /** The panel that failed, and the address at which it was asked, without user and password; set by the client. */
  panel = mainPanel
  target = ''
  /** Which call it was, such as `POST /servers`. */
  readonly call: string
  readonly kind: PanelErrorDetails['kind']
  readonly status: number | null
  readonly code: string | null
  readonly detail: string
  readonly by: PanelErrorDetails['by'] | null
  readonly fields: { field: string; rule: string; detail: string }[]
  readonly retryAfterMs: number | null

  constructor(call: string, details: PanelErrorDetails, options?: ErrorOptions) {
    const code = details.code === undefined ? undefined : plainText(details.code, 100)
    const detail = plainText(details.detail)
    super(`${call}: ${code ?? details.status ?? details.kind}: ${detail}`, options)
    this.call = call
    this.kind = details.kind
    this.status = details.status ?? null
    this.code = code ?? null
    this.detail = detail
    this.by = details.by ?? null
    this.fields = (details.fields ?? []).map((field) => ({
      field: plainText(field.field, 100),
      rule: plainText(field.rule, 100),
      detail: plainText(field.detail),
    }))
    this.retryAfterMs = details.retryAfterMs ?? null
  }
}

/**
 * The panel is fine, and a node did not do its part. `ConnectionException`: it did not answer; `RequestException`: it refused (both Pelican);
 * `DaemonConnectionException`: either (Pterodactyl).
 */
export const nodeErrors = ['DaemonConnectionException', 'ConnectionException', 'RequestException'] as const

export function isOfNode({ code }: PanelError): boolean {
  return nodeErrors.some((name) => name === code)
}

/** `cause`: what the panel answered before, and why it is not asked now. */
export function notSent(
  call: string,
  { detail, retryAfterMs }: { detail: string; retryAfterMs: number },
  cause: PanelError | undefined,
): PanelError {
  return new PanelError(call, { kind: 'not_sent', detail, retryAfterMs }, { cause })
}
