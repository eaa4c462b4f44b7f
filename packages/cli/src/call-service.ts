import { Failure } from './failure.ts'
import type { Service } from './services.ts'

type Problem = {
  code: string
  detail: string
  request_id?: string
  errors?: { path: string; message: string }[]
}

/** Asks a service; a refusal ends the command in the service's own words. */
export async function callService<T>(
  service: Service,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<T> {
  const response = await send(service, method, path, body)
  const text = await response.text()
  if (response.ok) return (text === '' ? undefined : JSON.parse(text)) as T
  throw refusal(service, response.status, text)
}

/** An unhealthy service reports its state too. */
export async function healthOf(service: Service): Promise<Record<string, unknown>> {
  const response = await send(service, 'GET', '/health')
  const text = await response.text()
  if (response.status === 401) throw refusal(service, response.status, text)
  return JSON.parse(text) as Record<string, unknown>
}

async function send(
  { name, url, apiKey }: Service,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  try {
    return await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    })
  } catch (error) {
    const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    throw new Failure(
      `${name} does not answer at ${url}: ${why || 'no connection'}.`,
      'Is it running? Where it is, is set by SPAWNPOINT_…_URL or --url.',
    )
  }
}

function refusal({ name }: Service, status: number, text: string): Failure {
  const { code, detail, request_id: id, errors = [] } = readProblem(text)
  const fields = errors.map(({ path, message }) => `\n  ${path.replaceAll('_', '-')}: ${message}`).join('')
  const next =
    status === 401 ? 'Set SPAWNPOINT_API_KEY to a secret of its API_KEYS, or give --api-key.' : undefined
  const inLog = status >= 500 && id ? `\n  request_id: ${id}` : ''
  return new Failure(`${name} refused (${code}): ${detail}${fields}${inLog}`, next, status === 422 ? 2 : 1)
}

function readProblem(text: string): Problem {
  try {
    return JSON.parse(text) as Problem
  } catch {
    return { code: 'no_problem_document', detail: text.slice(0, 200) }
  }
}
