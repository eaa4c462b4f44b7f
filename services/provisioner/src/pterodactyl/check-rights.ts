import { z } from '@hono/zod-openapi'
import { keyRequest } from '../panel-types/main-panel.ts'
import type { PanelFinding } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import { classifyError, hasPath, isWrongPath, rightFor } from './classify-error.ts'
import type { PanelClient } from './panel-client.ts'
import { page } from './resources.ts'

const things = page(z.object({ id: z.number().int() }))

/** Whether it is a panel, accepts the key, and grants every permission that is needed. Otherwise nothing else can be checked. */
export async function checkRights(panel: PanelClient, panelId: string): Promise<PanelFinding[]> {
  const nests = await list(panel, 'nests')
  return await checkLists(panel, panelId, {
    first: [nests.error],
    eggs: nests.firstId ? `/nests/${nests.firstId}/eggs` : null,
  })
}

/** `eggs`: the path of a list of them, where there is one. */
export async function checkLists(
  panel: PanelClient,
  panelId: string,
  { first = [], eggs }: { first?: (PanelError | null)[]; eggs: string | null },
): Promise<PanelFinding[]> {
  const lists = await Promise.all(['nodes', 'servers', 'users'].map((name) => list(panel, name)))
  const [nodes] = lists
  const within = await Promise.all([
    nodes?.firstId ? refusal(panel, 'GET', `/nodes/${nodes.firstId}/allocations?per_page=1`) : null,
    eggs === null ? null : refusal(panel, 'GET', eggs),
    // An empty body is refused, but only for a key that has the permission.
    refusal(panel, 'POST', '/servers'),
    refusal(panel, 'POST', '/users'),
  ])
  const errors = [...first, ...lists.map(({ error }) => error), ...within].filter((error) => error !== null)
  const general = errors.find((error) => !isMissingRight(error))
  if (general) {
    const what = general.kind === 'http' && !isWrongPath(general) ? 'key' : 'panel'
    return [{ level: 'error', what, message: inWords(general, panelId) }]
  }
  const missing = errors.map(({ call }) => rightFor(call))
  if (missing.length > 0) {
    const message = `The key lacks ${missing.join(', ')}. ${newKey(panelId)}`
    return [{ level: 'error', what: 'rights', message }]
  }
  return [
    { level: 'ok', what: 'key', message: 'The panel accepts the key.' },
    { level: 'ok', what: 'rights', message: 'The key has every right that is needed.' },
  ]
}

async function list(
  panel: PanelClient,
  name: string,
): Promise<{ firstId: number | null; error: PanelError | null }> {
  try {
    const { items } = await panel.call(`/${name}?per_page=1`, things)
    return { firstId: items[0]?.id ?? null, error: null }
  } catch (error) {
    if (error instanceof PanelError) return { firstId: null, error }
    throw error
  }
}

async function refusal(panel: PanelClient, method: 'GET' | 'POST', path: string): Promise<PanelError | null> {
  try {
    await panel.call(path, z.object({}), { method, ...(method === 'POST' ? { body: {} } : {}) })
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    return error.code === 'ValidationException' ? null : error
  }
  return null
}

function isMissingRight({ status, code, detail }: PanelError): boolean {
  return status === 403 && code === 'AccessDeniedHttpException' && /unauthorized/.test(detail)
}

function inWords(error: PanelError, panelId: string): string {
  if (error.by) return classifyError(error).message
  if (error.code === 'AuthenticationException' && !hasPath(error.target))
    return `The panel does not know the key, or it has expired. ${newKey(panelId)}`
  if (error.status === 403)
    return `The panel does not let the key in: ${error.detail} Its owner must be an administrator, and its list of addresses, if it has one, must name this machine's.`
  return classifyError(error).message
}

function newKey(panelId: string): string {
  return (
    'Make a new key on the panel (Admin, Application API; an existing one cannot be changed) with read & write on servers and ' +
    `users and read on nodes, allocations, nests and eggs, then ${keyRequest(panelId)}.`
  )
}
