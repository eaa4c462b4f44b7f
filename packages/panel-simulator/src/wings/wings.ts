import type { PanelSettings } from '../settings.ts'
import type { Node, Server } from '../tables/rows.ts'
import type { Tables } from '../tables/tables.ts'
import type { Sleep } from '../time.ts'
import { daemonRefused, daemonUnreachable } from './daemon-errors.ts'
import type { DaemonCall, WingsFaultEffect, WingsFaults } from './wings-faults.ts'

export type WingsCall = {
  at: number
  node: number
  method: string
  path: string
  body: unknown
  answer: { status: number } | { mode: WingsFaultEffect['kind'] }
}

export type Wings = ReturnType<typeof createWings>

/** The daemons of all nodes, as the panel reaches them; throws the panel's answer when one fails. */
export function createWings({
  tables,
  faults,
  settings,
  sleep,
  now,
}: {
  tables: Tables
  faults: WingsFaults
  settings: PanelSettings
  sleep: Sleep
  now: () => number
}) {
  const calls: WingsCall[] = []

  async function call(kind: DaemonCall, node: Node, request: Pick<WingsCall, 'method' | 'path' | 'body'>) {
    const fault = faults.take(node.id, kind)
    const log = (answer: WingsCall['answer'], of = request) =>
      calls.push({ at: now(), node: node.id, ...of, answer })
    const giveUp = async (afterMs: number): Promise<never> => {
      await sleep(afterMs)
      throw daemonUnreachable()
    }

    if (fault?.kind === 'refused') throw daemonUnreachable()
    if (fault?.kind === 'unreachable') return giveUp(settings.wingsConnectTimeoutMs)
    if (fault?.kind === 'closed' || fault?.kind === 'hang') {
      log({ mode: fault.kind })
      return giveUp(fault.kind === 'hang' ? settings.wingsTimeoutMs : 0)
    }

    const status = fault?.kind === 'status' ? fault.status : answers[kind]
    const tookMs = fault?.kind === 'status' ? fault.afterMs : fault?.kind === 'slow' ? fault.ms : 0
    log({ status })
    if (tookMs > settings.wingsTimeoutMs) return giveUp(settings.wingsTimeoutMs)
    if (tookMs > 0) await sleep(tookMs)
    if (status >= 300 && status < 400) return followRedirect(log)
    if (fault?.kind === 'status' && status >= 400) throw daemonRefused(fault)
  }

  return {
    calls: (): readonly WingsCall[] => calls,

    create: (server: Server, startOnCompletion: boolean) =>
      call('create', tables.nodes.get(server.node_id), {
        method: 'POST',
        path: '/api/servers',
        body: { uuid: server.uuid, start_on_completion: startOnCompletion },
      }),
    sync: (server: Server) => call('sync', tables.nodes.get(server.node_id), on(server, 'POST', '/sync')),
    reinstall: (server: Server) =>
      call('reinstall', tables.nodes.get(server.node_id), on(server, 'POST', '/reinstall')),
    delete: (server: Server) => call('delete', tables.nodes.get(server.node_id), on(server, 'DELETE', '')),
    deny: (server: Server, tokenId: string) =>
      call('deny', tables.nodes.get(server.node_id), {
        ...on(server, 'POST', '/ws/deny'),
        body: { jtis: [tokenId] },
      }),
    /** Ends the sessions of a former owner, also of SFTP (`DaemonRevocationRepository`). */
    deauthorize: (server: Server, userUuid: string) =>
      call('deny', tables.nodes.get(server.node_id), {
        method: 'POST',
        path: '/api/deauthorize-user',
        body: { user: userUuid, servers: [server.uuid] },
      }),
  }
}

const answers: Record<DaemonCall, number> = { create: 202, sync: 204, reinstall: 202, delete: 204, deny: 204 }

function on(server: Server, method: string, path: string) {
  return { method, path: `/api/servers/${server.uuid}${path}`, body: null }
}

// The panel follows a redirect, and a POST becomes a GET of something that Wings does not have.
function followRedirect(
  log: (answer: WingsCall['answer'], of: Pick<WingsCall, 'method' | 'path' | 'body'>) => void,
) {
  log({ status: 404 }, { method: 'GET', path: '/', body: null })
  throw daemonRefused({ status: 404, error: 'The requested resource does not exist.' })
}
