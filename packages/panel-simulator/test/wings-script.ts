import type { Panel, WingsFault } from '../src/index.ts'
import { begunBefore, concurrent, givenUp } from './off-the-record.ts'
import type { Exchange } from './record.ts'

const usual = { create: 202, sync: 204, reinstall: 202, delete: 204, deny: 204 }

/** Makes Wings do in the simulator what it did in the record; returns how to take back what was not used. */
export function scriptWings(panel: Panel, exchange: Exchange): () => void {
  const ids = faultsOf(exchange).map((fault) => panel.breakWings({ times: 1, ...fault }))
  return () => {
    for (const id of ids) panel.removeFaults(id)
  }
}

// Long enough for what was called meanwhile.
const leastMeanwhileMs = 12_000

function faultsOf({ name, wings = [], response, elapsed_ms }: Exchange): WingsFault[] {
  if (/delete-race/.test(name)) return [{ on: 'delete', fault: { kind: 'slow', ms: leastMeanwhileMs } }]
  if (wings.length === 0 && isAboutWings(name, response?.body)) {
    return [{ times: 2, fault: elapsed_ms > 9_000 ? 'unreachable' : 'refused' }]
  }
  const { wingsMs } = givenUp[name] ?? {}
  if (wingsMs !== undefined) return [{ on: 'create', fault: { kind: 'slow', ms: wingsMs } }]
  const leastMs = name in begunBefore ? leastMeanwhileMs : 0
  const lateMs = Math.max(leastMs, elapsed_ms > 1_000 || name in concurrent ? elapsed_ms - 40 : 0)
  const requestId = /request[_ ]id: ([^)]+)\)/.exec(JSON.stringify(response?.body ?? ''))?.[1]
  return wings.flatMap(({ method, path, answer }, index): WingsFault[] => {
    const on = callOf(method, path)
    if (on === undefined || answer === null) return []
    if ('mode' in answer) return [{ on, fault: answer.mode === 'hang' ? 'hang' : 'closed' }]
    const { status, body } = answer
    const ms = index === 0 ? lateMs : 0
    if (status === usual[on]) return ms > 0 ? [{ on, fault: { kind: 'slow', ms } }] : []
    const error = errorOf(body)
    return [
      {
        on,
        fault: {
          kind: 'status',
          status,
          afterMs: ms,
          ...(error && { error }),
          ...(requestId && { requestId }),
        },
      },
    ]
  })
}

function isAboutWings(name: string, body: unknown): boolean {
  return /wings-down|refused$/.test(name) || JSON.stringify(body ?? '').includes('Could not establish')
}

function callOf(method: string, path: string): keyof typeof usual | undefined {
  if (method === 'DELETE') return 'delete'
  if (path === '/api/servers') return 'create'
  const [, word] = /\/(sync|reinstall|deny)$/.exec(path) ?? []
  return word === 'sync' || word === 'reinstall' || word === 'deny' ? word : undefined
}

function errorOf(body: unknown): string | undefined {
  const text = typeof body === 'object' && body !== null && 'error' in body ? body.error : undefined
  return typeof text === 'string' ? text : undefined
}
