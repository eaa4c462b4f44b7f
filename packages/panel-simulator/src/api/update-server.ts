import { randomBytes } from 'node:crypto'
import { display, PanelError } from '../http/errors.ts'
import type { PanelContext } from '../panel-context.ts'
import type { Server } from '../tables/rows.ts'
import { type Input, integerAt, isEmpty, isTrueAt, listAt, lookUp, textAt } from '../validation/input.ts'
import type { Rule } from '../validation/rule.ts'
import { type Rules, validate } from '../validation/validate.ts'
import { readEnvironment } from './environment.ts'
import { serverRules } from './server-rules.ts'

/** What is left out is erased: without `external_id` the server has none any more. */
export async function updateDetails(panel: PanelContext, server: Server, body: Input): Promise<void> {
  const rules = serverRules(panel, server)
  validate(
    body,
    [
      ['external_id', ...rules.external_id],
      ['name', ...rules.name],
      ['user', ...rules.user],
      ['description', 'nullable|string'],
    ],
    { labels: { name: 'Server Name', user: 'User ID' } },
  )
  const owner = server.owner_id
  Object.assign(server, {
    external_id: textAt(body, 'external_id'),
    name: textAt(body, 'name') ?? '',
    owner_id: integerAt(body, 'user') ?? owner,
    description: textAt(body, 'description') ?? '',
    updated_at: panel.now(),
  } satisfies Partial<Server>)
  if (server.owner_id === owner) return
  const { uuid = '' } = panel.tables.users.find(owner) ?? {}
  await despiteWings(
    panel.settings.version === '1.12'
      ? panel.wings.deauthorize(server, uuid)
      : panel.wings.deny(server, randomBytes(16).toString('hex')),
  )
}

/** Does not look at the node's capacity, and is done whether Wings receives it or not. */
export async function updateBuild(
  panel: PanelContext,
  server: Server,
  body: Input,
  told = despiteWings,
): Promise<void> {
  validate(body, buildRules(panel, server), { labels: buildLabels })
  const limits = lookUp(body, 'limits').present ? lookUp(body, 'limits').value : body
  const allocation = moveAllocations(panel, server, body)
  Object.assign(server, {
    allocation_id: allocation,
    memory: integerAt(limits, 'memory') ?? server.memory,
    swap: integerAt(limits, 'swap') ?? server.swap,
    disk: integerAt(limits, 'disk') ?? server.disk,
    io: integerAt(limits, 'io') ?? server.io,
    cpu: integerAt(limits, 'cpu') ?? server.cpu,
    threads: textAt(limits, 'threads'),
    oom_disabled: lookUp(body, 'oom_disabled').present ? isTrueAt(body, 'oom_disabled') : server.oom_disabled,
    database_limit: integerAt(body, 'feature_limits.databases') ?? 0,
    allocation_limit: integerAt(body, 'feature_limits.allocations'),
    backup_limit: integerAt(body, 'feature_limits.backups') ?? 0,
    updated_at: panel.now(),
  } satisfies Partial<Server>)
  await told(panel.wings.sync(server))
}

/** Wings receives it at the next start. An empty environment leaves the variables alone; any other replaces them all. */
export function updateStartup(panel: PanelContext, server: Server, body: Input): void {
  const rules = serverRules(panel)
  validate(body, [
    ['startup', ...rules.startup],
    ['environment', 'present|array'],
    ['egg', ...rules.egg],
    ['image', ...rules.image],
    ['skip_scripts', 'present|boolean'],
  ])
  const egg = panel.tables.eggs.get(integerAt(body, 'egg') ?? server.egg_id)
  const { value: environment } = lookUp(body, 'environment')
  const sent = isEmpty(environment) ? new Map<number, string>() : readEnvironment(egg, environment)
  Object.assign(server, {
    variables: new Map([...server.variables, ...sent]),
    startup: textAt(body, 'startup') ?? '',
    egg_id: egg.id,
    nest_id: egg.nest_id,
    image: textAt(body, 'image') ?? '',
    skip_scripts: isTrueAt(body, 'skip_scripts'),
    updated_at: panel.now(),
  } satisfies Partial<Server>)
}

/** Returns the default allocation afterwards. */
function moveAllocations({ tables }: PanelContext, server: Server, body: Input): number {
  const rows = (path: string) => listAt(body, path).flatMap((id) => tables.allocations.find(Number(id)) ?? [])
  const wanted = integerAt(body, 'allocation') ?? server.allocation_id
  const added = rows('add_allocations').filter(
    (allocation) => allocation.server_id === null && allocation.node_id === server.node_id,
  )
  const removed = rows('remove_allocations').filter(
    (allocation) => allocation.server_id === server.id && !added.includes(allocation),
  )
  const [first] = added
  if (removed.some(({ id }) => id === wanted) && !first) {
    throw display(
      'You are attempting to delete the default allocation for this server but there is no fallback allocation to use.',
    )
  }
  const next = removed.some(({ id }) => id === wanted) && first ? first.id : wanted
  const isOwn = tables.allocations.find(next)?.server_id === server.id || added.some(({ id }) => id === next)
  if (next !== server.allocation_id && !isOwn) {
    throw display('The requested default allocation is not currently assigned to this server.')
  }
  for (const allocation of added) allocation.server_id = server.id
  for (const allocation of removed) Object.assign(allocation, { server_id: null, notes: null })
  return next
}

function buildRules(panel: PanelContext, server: Server): Rules {
  const rules = serverRules(panel, server)
  const columns = ['memory', 'swap', 'io', 'cpu', 'threads', 'disk'] as const
  return [
    ['allocation', ...rules.allocation],
    ['oom_disabled', 'sometimes|boolean'],
    ['limits', 'sometimes|array'],
    ...columns.map((name): Rules[number] => [
      `limits.${name}`,
      ...orElse('required_with:limits', rules[name]),
    ]),
    // Older callers send the limits without a box around them.
    ...columns.map((name): Rules[number] => [name, ...orElse('required_without:limits', rules[name])]),
    ['add_allocations', 'bail|array'],
    ['add_allocations.*', 'integer'],
    ['remove_allocations', 'bail|array'],
    ['remove_allocations.*', 'integer'],
    ['feature_limits', 'required|array'],
    ['feature_limits.databases', ...rules.databases],
    ['feature_limits.allocations', ...rules.allocations],
    ['feature_limits.backups', ...rules.backups],
  ]
}

const buildLabels = {
  add_allocations: 'allocations to add',
  remove_allocations: 'allocations to remove',
  'add_allocations.*': 'allocation to add',
  'remove_allocations.*': 'allocation to remove',
  'feature_limits.databases': 'Database Limit',
  'feature_limits.allocations': 'Allocation Limit',
  'feature_limits.backups': 'Backup Limit',
}

function orElse(instead: string, rules: (string | Rule)[]): (string | Rule)[] {
  return rules.map((rule) => (typeof rule === 'string' ? rule.replace(/^required\b/, instead) : rule))
}

async function despiteWings(call: Promise<void>): Promise<void> {
  try {
    await call
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
  }
}
