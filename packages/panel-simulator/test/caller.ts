import type { Panel } from '../src/index.ts'
import { isObject } from './json.ts'

export type Answer = { status: number; headers: Headers; body: unknown; code: string | undefined }

/** A caller of the panel's API as it should be: asks for JSON, follows no redirect. */
export function createCaller(panel: Panel, token = panel.token) {
  async function call(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Answer> {
    const response = await fetch(`${panel.url}/api/application/${path}`, {
      method,
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        'content-type': 'application/json',
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json')
    const answered: unknown = isJson ? JSON.parse(text) : text
    return { status: response.status, headers: response.headers, body: answered, code: codeOf(answered) }
  }
  return {
    call,
    create: (externalId: string, changes: object = {}) => call('POST', 'servers', order(externalId, changes)),
    find: (externalId: string) => call('GET', `servers/external/${externalId}`),
  }
}

/** What a provisioner sends for one of `demoPanel`'s Paper servers. */
export function order(externalId: string, changes: object = {}) {
  return {
    external_id: externalId,
    name: externalId,
    user: 1,
    egg: 1,
    docker_image: 'ghcr.io/pterodactyl/yolks:java_21',
    startup: 'java -jar {{SERVER_JARFILE}}',
    environment: { SERVER_JARFILE: 'server.jar', BUILD_NUMBER: 'latest' },
    limits: { memory: 1024, swap: 0, disk: 2048, io: 500, cpu: 100 },
    feature_limits: { databases: 0, allocations: 0, backups: 0 },
    deploy: { locations: [], dedicated_ip: false, port_range: [] },
    ...changes,
  }
}

/** Calls the control API of the panel. */
export async function callControl(
  panel: Panel,
  path: string,
  body?: unknown,
  method = 'POST',
): Promise<Response> {
  return fetch(`${panel.url}/_simulator/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
}

export function serversOf(panel: Panel) {
  return panel.state().servers.map(({ external_id, status }) => ({ external_id, status }))
}

function codeOf(body: unknown): string | undefined {
  const [error] = isObject(body) && Array.isArray(body.errors) ? body.errors : []
  return isObject(error) && typeof error.code === 'string' ? error.code : undefined
}
