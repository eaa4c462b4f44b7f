import { randomUUID } from 'node:crypto'
import { cannotSave, PanelError, uniqueViolation } from '../http/errors.ts'
import type { PanelContext } from '../panel-context.ts'
import { sameText } from '../tables/collation.ts'
import type { Allocation, Server } from '../tables/rows.ts'
import { asText, type Input, integerAt, isTrueAt, listAt, lookUp, textAt } from '../validation/input.ts'
import { validate } from '../validation/validate.ts'
import { drawAllocation, viableNodes } from './deploy.ts'
import { readEnvironment } from './environment.ts'
import { createRules } from './server-rules.ts'

/**
 * Each step looks at what was true then, as the panel's do. Only the unique keys at the end hold against concurrent calls:
 * never two servers with one external id, never two on one default allocation.
 * Returns the row as it was when it was written: what Wings or others did since is not in the panel's 201.
 */
export async function createServer(
  panel: PanelContext,
  body: Input,
  { rules, additional, refused }: Creation = pterodactylCreation,
): Promise<Server> {
  validate(body, rules(panel, body))
  await panel.pause()
  const allocation = await chooseAllocation(panel, body)
  const egg = panel.tables.eggs.get(integerAt(body, 'egg') ?? 0)
  const variables = readEnvironment(egg, lookUp(body, 'environment').value)
  const externalId = textAt(body, 'external_id')
  await panel.pause()
  refuseUnsavable(panel, externalId, allocation)
  await panel.pause()

  const server = insertServer(panel, {
    ...panel.tables.stamps(),
    ...columnsOf(body),
    id: 0,
    external_id: externalId,
    uuid: randomUUID(),
    status: 'installing',
    node_id: allocation.node_id,
    allocation_id: allocation.id,
    nest_id: egg.nest_id,
    egg_id: egg.id,
    variables,
    installed_at: null,
    transferring: false,
    transfer: null,
  })
  assignAllocations(panel, server, listAt(body, 'allocation.additional').map(Number), additional)
  const written = { ...server }
  await tellWings(panel, server, { start: isTrueAt(body, 'start_on_completion'), refused })
  return written
}

/** What the kinds of panel do differently. */
export type Creation = {
  rules: typeof createRules
  /** Whether an additional allocation is taken from whoever has it, even if it is their default, or only where it is free. */
  additional: 'any' | 'free'
  /** Wings did not accept the server: what becomes of its row, and which error the caller sees. */
  refused(panel: PanelContext, server: Server, error: PanelError): Promise<PanelError>
}

const pterodactylCreation: Creation = {
  rules: createRules,
  additional: 'any',
  async refused({ tables, wings }, server, error) {
    await wings.delete(server).catch(onlyIfPanelError)
    tables.deleteServer(server.id)
    return error
  },
}

async function chooseAllocation(panel: PanelContext, body: Input): Promise<Allocation> {
  const { tables } = panel
  if (!isTrueAt(body, 'deploy')) return tables.allocations.get(integerAt(body, 'allocation.default') ?? 0)
  const nodes = viableNodes(tables, {
    memory: integerAt(body, 'limits.memory') ?? 0,
    disk: integerAt(body, 'limits.disk') ?? 0,
    locations: listAt(body, 'deploy.locations').map(Number),
  })
  await panel.pause()
  return drawAllocation(panel, {
    nodes,
    ports: listAt(body, 'deploy.port_range').map(asText),
    dedicated: isTrueAt(body, 'deploy.dedicated_ip'),
    externalId: textAt(body, 'external_id'),
  })
}

function columnsOf(body: Input) {
  return {
    name: textAt(body, 'name') ?? '',
    description: textAt(body, 'description') ?? '',
    memory: integerAt(body, 'limits.memory') ?? 0,
    swap: integerAt(body, 'limits.swap') ?? 0,
    disk: integerAt(body, 'limits.disk') ?? 0,
    io: integerAt(body, 'limits.io') ?? 0,
    cpu: integerAt(body, 'limits.cpu') ?? 0,
    threads: textAt(body, 'limits.threads'),
    oom_disabled: lookUp(body, 'oom_disabled').present ? isTrueAt(body, 'oom_disabled') : true,
    database_limit: integerAt(body, 'feature_limits.databases') ?? 0,
    allocation_limit: integerAt(body, 'feature_limits.allocations') ?? 0,
    backup_limit: integerAt(body, 'feature_limits.backups') ?? 0,
    owner_id: integerAt(body, 'user') ?? 0,
    startup: textAt(body, 'startup') ?? '',
    image: textAt(body, 'docker_image') ?? '',
    skip_scripts: isTrueAt(body, 'skip_scripts'),
  }
}

function refuseUnsavable({ tables }: PanelContext, externalId: string | null, allocation: Allocation): void {
  const reasons: Record<string, string[]> = {}
  if (tables.servers.first((server) => sameText(server.external_id, externalId))) {
    reasons.external_id = ['The external id has already been taken.']
  }
  if (tables.servers.first((server) => server.allocation_id === allocation.id)) {
    reasons.allocation_id = ['The allocation id has already been taken.']
  }
  if (Object.keys(reasons).length > 0) throw cannotSave('Server', reasons)
}

function insertServer({ tables: { servers } }: PanelContext, row: Server): Server {
  const isTaken = servers.first(
    (server) => server.allocation_id === row.allocation_id || sameText(server.external_id, row.external_id),
  )
  if (isTaken) {
    servers.nextId()
    throw uniqueViolation()
  }
  return servers.insert(row)
}

function assignAllocations(
  { tables }: PanelContext,
  server: Server,
  additional: number[],
  which: Creation['additional'],
): void {
  for (const id of [server.allocation_id, ...additional]) {
    const allocation = tables.allocations.find(id)
    if (allocation && (which === 'any' || allocation.server_id === null)) allocation.server_id = server.id
  }
}

// The row is there for everybody to see while Wings is asked.
async function tellWings(
  panel: PanelContext,
  server: Server,
  { start, refused }: { start: boolean } & Pick<Creation, 'refused'>,
): Promise<void> {
  const { tables, wings, installs } = panel
  try {
    await wings.create(server, start)
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    throw await refused(panel, server, error)
  }
  if (tables.servers.has(server.id)) installs.begin(server, false)
}

function onlyIfPanelError(error: unknown): void {
  if (!(error instanceof PanelError)) throw error
}
