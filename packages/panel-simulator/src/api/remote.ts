import { noContent, ok } from '../http/answer.ts'
import type { Answer } from '../http/answer-parts.ts'
import { accessDenied, badRequest, PanelError, unexpected } from '../http/errors.ts'
import type { PanelContext } from '../panel-context.ts'
import type { Egg, Node, Server } from '../tables/rows.ts'
import type { Tables } from '../tables/tables.ts'
import { type Input, isTrueAt } from '../validation/input.ts'
import { validate } from '../validation/validate.ts'
import { environmentOf } from './attributes.ts'

type RemoteCall = { origin: string; query: URLSearchParams; body: Input; node: Node }

type RemoteRoute = {
  method: 'GET' | 'POST'
  pattern: string
  handle: (call: RemoteCall, uuid: string) => Answer
}

/** What Wings calls. A server's install ends here and nowhere else. */
export function remoteRoutes({ tables, installs, settings }: PanelContext): RemoteRoute[] {
  const serverOf = ({ node }: RemoteCall, uuid: string) => {
    const server = tables.servers.first((row) => row.uuid === uuid)
    if (!server) throw new PanelError(404, 'RecordNotFoundException', '')
    if (server.node_id !== node.id) throw accessDenied('You are not authorized to access this resource.')
    return server
  }

  return [
    { method: 'GET', pattern: 'servers', handle: (call) => ok(listServers(tables, call)) },
    {
      method: 'POST',
      pattern: 'servers/reset',
      handle({ node }) {
        const stuck = tables.servers.where(
          ({ node_id, status }) =>
            node_id === node.id && (status === 'installing' || status === 'restoring_backup'),
        )
        for (const server of stuck) server.status = null
        return noContent
      },
    },
    {
      method: 'GET',
      pattern: 'servers/:uuid',
      handle: (call, uuid) => ok(configurationOf(tables, serverOf(call, uuid))),
    },
    {
      method: 'GET',
      pattern: 'servers/:uuid/install',
      handle(call, uuid) {
        const { script } = tables.eggs.get(serverOf(call, uuid).egg_id)
        return ok({ container_image: script.container, entrypoint: script.entry, script: script.install })
      },
    },
    {
      method: 'POST',
      pattern: 'servers/:uuid/install',
      handle(call, uuid) {
        const server = serverOf(call, uuid)
        validate(call.body, [
          ['successful', 'present|boolean'],
          ['reinstall', 'sometimes|boolean'],
        ])
        installs.abort(server)
        installs.report(server, {
          successful: isTrueAt(call.body, 'successful'),
          reinstall: isTrueAt(call.body, 'reinstall'),
        })
        // The owner is notified by mail, after the status is saved.
        if (settings.mail === 'broken') throw unexpected('TransportException')
        return noContent
      },
    },
  ]
}

/** `Bearer <token id>.<token>` of a node. */
export function authenticateNode({ nodes }: Tables, authorization: string | null): Node {
  if (authorization === null) {
    throw new PanelError(
      401,
      'HttpException',
      'Access to this endpoint must include an Authorization header.',
      {
        headers: { 'www-authenticate': 'Bearer' },
      },
    )
  }
  const parts = authorization.replace(/^Bearer\s+/i, '').split('.')
  const [id, token] = parts
  if (parts.length !== 2 || !id || !token) {
    throw badRequest('The Authorization header provided was not in a valid format.')
  }
  const node = nodes.first((row) => row.daemon_token_id === id && row.daemon_token === token)
  if (!node) throw accessDenied('You are not authorized to access this resource.')
  return node
}

function listServers(tables: Tables, { origin, query, node }: RemoteCall) {
  const servers = tables.servers.where(({ node_id }) => node_id === node.id)
  const perPage = Number(query.get('per_page') ?? 50) || 50
  // Wings counts pages from 0 and the panel from 1: it takes both for the first.
  const current = Math.max(1, Number(query.get('page') ?? 1) || 1)
  const last = Math.max(1, Math.ceil(servers.length / perPage))
  const path = `${origin}/api/remote/servers`
  const link = (page: number) => `${path}?page=${page}`
  const rows = servers.slice((current - 1) * perPage, current * perPage)
  const from = (current - 1) * perPage + 1
  return {
    data: rows.map((server) => ({ uuid: server.uuid, ...configurationOf(tables, server) })),
    links: {
      first: link(1),
      last: link(last),
      prev: current > 1 ? link(current - 1) : null,
      next: current < last ? link(current + 1) : null,
    },
    meta: {
      current_page: current,
      from: rows.length > 0 ? from : null,
      last_page: last,
      links: [
        { url: current > 1 ? link(current - 1) : null, label: '&laquo; Previous', active: false },
        ...Array.from({ length: last }, (_, index) => ({
          url: link(index + 1),
          label: String(index + 1),
          active: index + 1 === current,
        })),
        { url: current < last ? link(current + 1) : null, label: 'Next &raquo;', active: false },
      ],
      path,
      per_page: perPage,
      to: rows.length > 0 ? from + rows.length - 1 : null,
      total: servers.length,
    },
  }
}

function configurationOf(tables: Tables, server: Server) {
  const egg = tables.eggs.get(server.egg_id)
  const held = tables.allocations.where(({ server_id }) => server_id === server.id)
  const { ip, port } = tables.allocations.get(server.allocation_id)
  return {
    settings: {
      uuid: server.uuid,
      meta: { name: server.name, description: server.description },
      suspended: server.status === 'suspended',
      environment: environmentOf(tables, server),
      invocation: server.startup,
      skip_egg_scripts: server.skip_scripts,
      build: {
        memory_limit: server.memory,
        swap: server.swap,
        io_weight: server.io,
        cpu_limit: server.cpu,
        threads: server.threads,
        disk_space: server.disk,
        oom_disabled: server.oom_disabled,
      },
      container: { image: server.image, oom_disabled: server.oom_disabled, requires_rebuild: false },
      allocations: {
        force_outgoing_ip: false,
        default: { ip, port },
        mappings: Object.fromEntries(
          held.map((allocation) => [
            allocation.ip,
            held.filter((other) => other.ip === allocation.ip).map((other) => other.port),
          ]),
        ),
      },
      mounts: [],
      egg: { id: egg.uuid, file_denylist: egg.config.file_denylist },
    },
    process_configuration: processOf(egg, port),
  }
}

function processOf({ config }: Egg, port: number) {
  return {
    startup: { done: [config.startup.done].flat(), user_interaction: [], strip_ansi: false },
    stop: config.stop.startsWith('^')
      ? { type: 'signal', value: config.stop.slice(1) }
      : { type: 'command', value: config.stop },
    configs: Object.entries(config.files).map(([file, { parser, find }]) => ({
      parser,
      file,
      replace: Object.entries(find).map(([match, value]) => ({
        match,
        replace_with: String(value).replace('{{server.build.default.port}}', String(port)),
      })),
    })),
  }
}
