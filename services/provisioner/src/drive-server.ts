import { step as crashPoint, type Logger } from '@spawnpoint/service-kit'
import { dropClaim } from './choose-placement.ts'
import type { CreateServer } from './create-server.ts'
import type { PrismaClient } from './generated/client.ts'
import { releaseLease } from './lease.ts'
import { type NextStep, nextStep, type Observed } from './next-step.ts'
import { classifyError, type Verdict } from './panel/classify-error.ts'
import type { PanelClient } from './panel/panel-client.ts'
import { PanelError } from './panel/panel-error.ts'
import { addressOf, type PanelServer, panelServer } from './panel/resources.ts'
import { type Change, recordServer } from './record-server.ts'
import { pollDelayMs, retryDelayMs, roomDelayMs } from './schedule.ts'
import type { Server } from './server.ts'

export type DriveServer = ReturnType<typeof createDriveServer>

type Deps = {
  prisma: PrismaClient
  panel: PanelClient
  createServer: CreateServer
  timeScale: number
  log: Logger
}

/** Looks at one server on the panel, does the next step towards what its order wants, and writes down what came of it. */
export function createDriveServer(deps: Deps) {
  return async function driveServer(server: Server, now: Date): Promise<void> {
    let current: Server | null = server
    // After a create the panel is looked at again at once: some eggs are installed by then.
    while (current) current = await takeStep(deps, current, now)
  }
}

async function takeStep(deps: Deps, server: Server, now: Date): Promise<Server | null> {
  try {
    const observed = await observe(deps.panel, server)
    return await act(deps, server, nextStep({ server, observed, now, timeScale: deps.timeScale }), now)
  } catch (error) {
    if (error instanceof PanelError) return await writeTrouble(deps, server, error, now)
    throw error
  }
}

async function observe(panel: PanelClient, server: Server): Promise<Observed> {
  const id = encodeURIComponent(server.order_id)
  const found = await panel.find(`/servers/external/${id}?include=allocations`, panelServer)
  if (found || server.ptero_server_id === null) return { found }
  // Somebody may have changed its external id by hand: then it is still there.
  return { found: await panel.find(`/servers/${server.ptero_server_id}?include=allocations`, panelServer) }
}

async function act(deps: Deps, server: Server, next: NextStep, now: Date): Promise<Server | null> {
  switch (next.step) {
    case 'create':
      return await create(deps, server, now)
    case 'adopt':
      return await write(deps, server, adopted(server, next.found, now))
    case 'poll':
      return await write(deps, server, {
        set: { ...seen(next.found), ...healthy },
        due: pollDelayMs(msSince(server.installing_since, now) / deps.timeScale),
      })
    case 'done':
      return await finish(deps, server, next.found)
    case 'fail':
      return await write(deps, server, failed(next))
    case 'wait':
      if (!mayStillLand(server, now)) await dropClaim(deps.prisma, server.order_id)
      return await write(deps, server, { set: {}, due: null })
    default:
      return next satisfies never
  }
}

async function create(deps: Deps, server: Server, now: Date): Promise<Server | null> {
  const created = await deps.createServer(server)
  switch (created.outcome) {
    case 'created':
      crashPoint('panel.after-create')
      return await write(deps, created.server, {
        ...adopted(created.server, created.found, now),
        due: 'keep',
      })
    case 'waiting':
      return await write(deps, server, waiting(server, created))
    case 'refused':
      return await writeTrouble(deps, created.server, created.error, now, server.unknown_until)
    case 'failed':
      // An earlier create may still land: then it fails only once that is ruled out.
      return mayStillLand(server, now)
        ? await write(deps, server, waiting(server, created))
        : await write(deps, server, failed(created))
    case 'lost':
      await releaseLease(deps.prisma, server)
      return null
    default:
      return created satisfies never
  }
}

async function finish(deps: Deps, server: Server, found: PanelServer): Promise<null> {
  const isNews = server.status !== 'provisioned' || server.ptero_server_id !== found.id
  const saved = await write(
    deps,
    server,
    {
      set: { ...seen(found), ...healthy, attempts: 0, unknown_until: null, installing_since: null },
      tell: isNews ? 'provisioned' : undefined,
      due: null,
    },
    true,
  )
  if (saved && isNews)
    deps.log.info(
      { orderId: server.order_id, pteroServerId: found.id, address: addressOf(found) },
      `Server provisioned: ${found.identifier} (ID: ${found.id}) for order ${server.order_id}`,
    )
  return null
}

async function writeTrouble(
  deps: Deps,
  server: Server,
  error: PanelError,
  now: Date,
  unknownBefore: Date | null = server.unknown_until,
): Promise<Server | null> {
  const verdict = classifyError(error)
  deps.log.warn(
    { orderId: server.order_id, class: verdict.class, attempts: server.attempts, problem: error.message },
    'The panel did not do it',
  )
  // The panel has answered: what of ours may still land is then only what was already unanswered before.
  const unknown = verdict.kind === 'look-again' ? server.unknown_until : unknownBefore
  const settled = { ...server, unknown_until: unknownBefore }
  if (!mayStillLand(settled, now)) {
    if (verdict.kind === 'permanent') return await write(deps, server, failed(verdict, unknown))
    if (verdict.class === 'allocation_taken') await dropClaim(deps.prisma, server.order_id)
  }
  return await write(deps, server, {
    set: { ...troubled(server, verdict), unknown_until: unknown },
    due: Math.max(retryDelayMs(server.attempts, Math.random()), (error.retryAfterMs ?? 0) / deps.timeScale),
  })
}

/** `due` in unscaled time. Gives the server back only if this drive goes on with it. */
async function write(
  { prisma, timeScale }: Deps,
  server: Server,
  change: Change,
  wanted = change.due === 'keep',
): Promise<Server | null> {
  const due = typeof change.due === 'number' ? change.due * timeScale : change.due
  const saved = await recordServer(prisma, server, { ...change, due })
  return wanted ? saved : null
}

const healthy = { error_class: null, error_message: null }

function seen(found: PanelServer): Partial<Server> {
  return {
    ptero_server_id: found.id,
    ptero_identifier: found.identifier,
    ptero_uuid: found.uuid,
    ptero_user_id: found.user,
    node_id: found.node,
    allocation_id: found.allocation,
    address: addressOf(found),
  }
}

function adopted(server: Server, found: PanelServer, now: Date): Change {
  return {
    set: {
      ...seen(found),
      ...healthy,
      attempts: 0,
      installing_since: server.installing_since ?? now,
    },
    tell: 'provisioning',
    due: 1_000,
  }
}

function waiting(server: Server, reason: { class: string; message: string }): Change {
  const isNews = server.status !== 'waiting' || server.error_class !== reason.class
  return {
    set: troubled(server, reason),
    tell: isNews ? 'waiting' : undefined,
    due: roomDelayMs(server.attempts, Math.random()),
  }
}

function failed(reason: { class: string; message: string }, unknown?: Date | null): Change {
  return {
    set: {
      error_class: reason.class,
      error_message: reason.message,
      ...(unknown === undefined ? {} : { unknown_until: unknown }),
    },
    tell: 'failed',
    due: null,
  }
}

function troubled(server: Server, verdict: Pick<Verdict, 'class' | 'message'>): Partial<Server> {
  return { attempts: server.attempts + 1, error_class: verdict.class, error_message: verdict.message }
}

function mayStillLand({ unknown_until }: Server, now: Date): boolean {
  return unknown_until !== null && unknown_until > now
}

function msSince(since: Date | null, now: Date): number {
  return since ? Math.max(0, now.getTime() - since.getTime()) : 0
}
