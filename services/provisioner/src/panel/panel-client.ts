import { z } from '@hono/zod-openapi'
import { PanelError, type PanelErrorDetails } from './panel-error.ts'
import { send } from './send.ts'

export type PanelClient = ReturnType<typeof createPanelClient>

export type Call = { method?: 'GET' | 'POST'; body?: unknown }

/** Whatever stands before the panel and asks for more: a paid order is not left alone for longer. */
const longestRetryAfterMs = 300_000

/** The panel's Application API: JSON in, JSON checked against a schema out, everything else a `PanelError`. */
export function createPanelClient({
  url,
  token,
  timeoutMs,
}: {
  url: string
  token: () => Promise<string>
  timeoutMs: number
}) {
  const abandoned = new AbortController()
  let trouble: PanelError | null = null

  async function call<T>(path: string, schema: z.ZodType<T>, options: Call = {}): Promise<T> {
    try {
      const answer = await ask(path, schema, options)
      trouble = null
      return answer
    } catch (error) {
      if (error instanceof PanelError) trouble = isAboutThePanel(error) ? error : null
      throw error
    }
  }

  async function ask<T>(path: string, schema: z.ZodType<T>, { method = 'GET', body }: Call): Promise<T> {
    const name = `${method} ${path}`
    refuseDots(name, path)
    const authorization = await bearer(name, token)
    const { response, text } = await send(name, `${url}/api/application${path}`, {
      method,
      headers: {
        // The panel answers errors in JSON, and takes a body, only for exactly these.
        accept: 'application/json',
        'content-type': 'application/json',
        authorization,
      },
      body: body === undefined ? null : JSON.stringify(body),
      // Without a session the panel sends browsers to its login page: following would read HTML as success.
      redirect: 'manual',
      signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), abandoned.signal]),
    })
    if (!response.ok) throw new PanelError(name, describeAnswer(response, text))
    return parse(name, response, text, schema)
  }

  return {
    call,
    /** What the last answer says against the panel itself, or our key; null when it was about one thing asked for. */
    trouble: () => trouble,
    /** Every call under way, and every later one, ends as one that the panel did not answer. */
    abandon: () => abandoned.abort(),
    /** Null when there is no such thing. */
    async find<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
      try {
        return await call(path, schema)
      } catch (error) {
        if (error instanceof PanelError && error.status === 404 && error.code === 'NotFoundHttpException')
          return null
        throw error
      }
    },
  }
}

// A URL takes them for steps up and down: `/users/external/..` would be `/users/`, a list that answers 200.
function refuseDots(name: string, path: string): void {
  if (!/\/\.{1,2}(?=[/?]|$)/.test(path)) return
  const detail = 'Nothing on the panel can be asked for by the name . or ..'
  throw new PanelError(name, { kind: 'http', status: 404, code: 'NotFoundHttpException', detail })
}

// Checked here, for whoever is given a header that cannot be sent quotes it in the error.
async function bearer(name: string, token: () => Promise<string>): Promise<string> {
  const key = await token()
  if (/^[\x21-\x7e]*$/.test(key)) return `Bearer ${key}`
  const detail =
    'The key has a blank, a line break or a letter outside ASCII: set the secret panel_token again.'
  throw new PanelError(name, { kind: 'http', status: 401, detail })
}

function isAboutThePanel({ kind, status, code }: PanelError): boolean {
  if (kind !== 'http' || status === 401 || status === 403) return true
  return (status ?? 0) >= 500 && code !== 'DaemonConnectionException'
}

function parse<T>(name: string, response: Response, text: string, schema: z.ZodType<T>): T {
  const json = readJson(text)
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  const detail =
    json === undefined
      ? 'The answer is not JSON: PANEL_URL must be the address of a Pterodactyl panel'
      : `The answer is not what a panel sends: ${z.prettifyError(parsed.error)}`
  throw new PanelError(name, { kind: 'not_json', status: response.status, detail })
}

const errorBody = z.object({
  errors: z
    .array(
      z.object({
        code: z.string(),
        detail: z.string(),
        meta: z.object({ source_field: z.string(), rule: z.string() }).partial().optional(),
      }),
    )
    .min(1),
})

function describeAnswer(response: Response, text: string): PanelErrorDetails {
  const { status } = response
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN)
  const retryAfterMs = Number.isFinite(seconds) ? Math.min(seconds * 1_000, longestRetryAfterMs) : undefined
  const parsed = errorBody.safeParse(readJson(text))
  const first = parsed.data?.errors[0]
  if (!first)
    return { kind: 'not_json', status, detail: `The panel answered ${status} without JSON`, retryAfterMs }
  return {
    kind: 'http',
    status,
    code: first.code,
    detail: parsed.data?.errors.map(({ detail }) => detail).join(' ') ?? first.detail,
    fields: parsed.data?.errors.map(({ meta, detail }) => ({
      field: meta?.source_field ?? '',
      rule: meta?.rule ?? '',
      detail,
    })),
    retryAfterMs,
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
