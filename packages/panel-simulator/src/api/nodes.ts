import { created, ok } from '../http/answer.ts'
import type { Answer } from '../http/answer-parts.ts'
import { missing } from '../http/errors.ts'
import { page, select } from '../http/list.ts'
import { boundRoute, type Call, type Params, type Route, route } from '../http/route.ts'
import { type Shape, show } from '../http/show.ts'
import type { PanelContext } from '../panel-context.ts'
import { holdsText } from '../tables/collation.ts'
import type { Node } from '../tables/rows.ts'
import type { Tables } from '../tables/tables.ts'
import { type Input, integerAt, isTrueAt, lookUp, textAt } from '../validation/input.ts'
import { exists } from '../validation/rule.ts'
import { validate } from '../validation/validate.ts'
import { nodeAttributes, usageByNode } from './attributes.ts'
import { viableNodes } from './deploy.ts'
import { nodeShape } from './shapes.ts'

export function nodeRoutes({ tables }: PanelContext, shape = nodeShape(tables)): Route[] {
  const { nodes } = tables
  const byId = ({ node = '' }: Params) => nodes.find(Number(node)) ?? missing()

  return [
    route('GET', 'nodes', ['nodes', 'read'], (call) =>
      page(call, select(call, nodes.all(), { filters, sorts: ['id', 'uuid', 'memory', 'disk'] }), (node) =>
        show(call, shape, node),
      ),
    ),
    route('POST', 'nodes', ['nodes', 'write'], (call) => {
      const node = createNode(tables, call.body)
      const resource = `${call.origin}/api/application/nodes/${node.id}`
      return created({ ...show(call, shape, node), meta: { resource } })
    }),
    route('GET', 'nodes/deployable', ['nodes', 'read'], (call) => deployable(tables, call)),
    boundRoute('GET', 'nodes/:node', ['nodes', 'read'], byId, (call, node) => ok(show(call, shape, node))),
    boundRoute('GET', 'nodes/:node/configuration', ['nodes', 'read'], byId, (call, node) =>
      ok(configurationOf(node, call.origin)),
    ),
  ]
}

const filters = {
  uuid: partial('uuid'),
  name: partial('name'),
  fqdn: partial('fqdn'),
  daemon_token_id: partial('daemon_token_id'),
}

function deployable(tables: Tables, call: Call): Answer {
  const input: Input = {
    ...Object.fromEntries([...call.query].filter(([, value]) => value.trim() !== '')),
    ...(call.query.has('location_ids[]') && { location_ids: call.query.getAll('location_ids[]') }),
  }
  validate(input, [
    ['page', 'integer'],
    ['memory', 'required|integer|min:0'],
    ['disk', 'required|integer|min:0'],
    ['location_ids', 'array'],
    ['location_ids.*', 'integer'],
  ])
  const viable = viableNodes(tables, {
    memory: integerAt(input, 'memory') ?? 0,
    disk: integerAt(input, 'disk') ?? 0,
    locations: call.query.getAll('location_ids[]').map(Number),
  })
  const shape: Shape<Node> = {
    ...nodeShape(tables),
    attributes(node) {
      const { memory, disk } = usageByNode(tables).get(node.id) ?? { memory: 0, disk: 0 }
      return nodeAttributes(tables, node, { sum_memory: String(memory), sum_disk: String(disk) })
    },
  }
  if (call.query.has('page')) return page(call, viable, (node) => show(call, shape, node))
  return ok({ object: 'list', data: viable.map((node) => show(call, shape, node)) })
}

function createNode(tables: Tables, body: Input): Node {
  validate(
    body,
    [
      ['name', String.raw`required|regex:/^([\w .-]{1,100})$/`],
      ['location_id', 'required', exists((id) => tables.locations.has(Number(id)))],
      ['fqdn', 'required|string'],
      ['scheme', 'required|in:http,https'],
      ['behind_proxy', 'boolean'],
      ['memory', 'required|numeric|min:1'],
      ['memory_overallocate', 'required|numeric|min:-1'],
      ['disk', 'required|numeric|min:1'],
      ['disk_overallocate', 'required|numeric|min:-1'],
      ['daemon_base', String.raw`sometimes|required|regex:/^([\/][\d\w.\-\/]+)$/`],
      ['daemon_sftp', 'required|numeric|between:1,65535'],
      ['daemon_listen', 'required|numeric|between:1,65535'],
    ],
    { labels: { location_id: 'Location', daemon_base: 'Daemon Base Path' } },
  )
  return tables.addNode({
    id: 0,
    name: textAt(body, 'name') ?? '',
    location_id: integerAt(body, 'location_id') ?? 0,
    fqdn: textAt(body, 'fqdn') ?? '',
    scheme: textAt(body, 'scheme') === 'https' ? 'https' : 'http',
    behind_proxy: isTrueAt(body, 'behind_proxy'),
    public: lookUp(body, 'public').present ? isTrueAt(body, 'public') : true,
    memory: integerAt(body, 'memory') ?? 0,
    memory_overallocate: integerAt(body, 'memory_overallocate') ?? 0,
    disk: integerAt(body, 'disk') ?? 0,
    disk_overallocate: integerAt(body, 'disk_overallocate') ?? 0,
    upload_size: integerAt(body, 'upload_size') ?? 100,
    daemon_listen: integerAt(body, 'daemon_listen') ?? 8080,
    daemon_sftp: integerAt(body, 'daemon_sftp') ?? 2022,
    daemon_base: textAt(body, 'daemon_base') ?? '/var/lib/pterodactyl/volumes',
  })
}

function configurationOf(node: Node, origin: string) {
  return {
    debug: false,
    uuid: node.uuid,
    token_id: node.daemon_token_id,
    token: node.daemon_token,
    api: {
      host: '0.0.0.0',
      port: node.daemon_listen,
      ssl: {
        enabled: !node.behind_proxy && node.scheme === 'https',
        cert: `/etc/letsencrypt/live/${node.fqdn}/fullchain.pem`,
        key: `/etc/letsencrypt/live/${node.fqdn}/privkey.pem`,
      },
      upload_limit: node.upload_size,
    },
    system: { data: node.daemon_base, sftp: { bind_port: node.daemon_sftp } },
    allowed_mounts: [],
    remote: origin,
  }
}

function partial(column: 'uuid' | 'name' | 'fqdn' | 'daemon_token_id') {
  return (node: Node, values: string[]) => values.some((value) => holdsText(node[column], value))
}
