import { step as crashPoint, type Logger } from '@spawnpoint/service-kit'
import { adopted, type Change, done, failed, installing, troubled, waiting } from './changes.ts'
import { dropClaim } from './claim-port.ts'
import type { CreateServer } from './create-server.ts'
import type { PrismaClient } from './generated/client.ts'
import { releaseLease } from './lease.ts'
import type { NextStep } from './next-step.ts'
import { classifyError } from './panel/classify-error.ts'
import type { PanelClient } from './panel/panel-client.ts'
import type { PanelError } from './panel/panel-error.ts'
import { addressOf, type PanelServer } from './panel/resources.ts'
import { recordServer } from './record-server.ts'
import { mayStillLand, type Server } from './server.ts'

export type Deps = {
  prisma: PrismaClient
  panel: PanelClient
  createServer: CreateServer
  timeScale: number
  log: Logger
}

/** Does one step and records it. Gives the server back when it is to be looked at again at once. */
export async function act(deps: Deps, server: Server, next: NextStep, now: Date): Promise<Server | null> {
  switch (next.step) {
    case 'create':
      return await create(deps, server, now)
    case 'adopt':
      await record(deps, server, adopted(server, next.found, now))
      return null
    case 'poll':
      await record(deps, server, installing(server, next.found, now, deps.timeScale))
      return null
    case 'done':
      await finish(deps, server, next.found)
      return null
    case 'fail':
      await record(deps, server, failed(next))
      return null
    case 'wait':
      if (!mayStillLand(server, now)) await dropClaim(deps.prisma, server.order_id)
      await record(deps, server, { set: {}, due: null })
      return null
    default:
      return next satisfies never
  }
}

async function create(deps: Deps, server: Server, now: Date): Promise<Server | null> {
  const created = await deps.createServer(server)
  switch (created.outcome) {
    case 'created':
      crashPoint('panel.after-create')
      // Some eggs are installed by now.
      return await record(deps, created.server, {
        ...adopted(created.server, created.found, now),
        due: 'keep',
      })
    case 'waiting':
      await record(deps, server, waiting(server, created))
      return null
    case 'refused':
      await recordTrouble(deps, created.server, {
        error: created.error,
        unknownBefore: server.unknown_until,
        now,
      })
      return null
    case 'failed':
      // An earlier create may still land: then it fails only once that is ruled out.
      await record(deps, server, mayStillLand(server, now) ? waiting(server, created) : failed(created))
      return null
    case 'lost':
      await releaseLease(deps.prisma, server)
      return null
    default:
      return created satisfies never
  }
}

async function finish(deps: Deps, server: Server, found: PanelServer): Promise<void> {
  const change = done(server, found)
  const saved = await record(deps, server, change)
  if (saved && change.tell)
    deps.log.info(
      { orderId: server.order_id, pteroServerId: found.id, address: addressOf(found) },
      `Server provisioned: ${found.identifier} (ID: ${found.id}) for order ${server.order_id}`,
    )
}

/** `unknownBefore`: until when a create may still land that was unanswered before this call. */
export async function recordTrouble(
  deps: Deps,
  server: Server,
  { error, unknownBefore, now }: { error: PanelError; unknownBefore: Date | null; now: Date },
): Promise<void> {
  const verdict = classifyError(error)
  deps.log.warn(
    { orderId: server.order_id, class: verdict.class, attempts: server.attempts, problem: error.message },
    'The panel did not do it',
  )
  // Where the panel has answered, only what was unanswered before may still land.
  const unknown = verdict.kind === 'look-again' ? server.unknown_until : unknownBefore
  const isSettled = !mayStillLand({ unknown_until: unknownBefore }, now)
  if (isSettled && verdict.class === 'allocation_taken') await dropClaim(deps.prisma, server.order_id)
  const retryAfterMs = (error.retryAfterMs ?? 0) / deps.timeScale
  await record(
    deps,
    { ...server, unknown_until: unknown },
    isSettled && verdict.kind === 'permanent' ? failed(verdict) : troubled(server, verdict, { retryAfterMs }),
  )
}

async function record({ prisma, timeScale }: Deps, server: Server, change: Change): Promise<Server | null> {
  const due = typeof change.due === 'number' ? change.due * timeScale : change.due
  return await recordServer(prisma, server, { ...change, due })
}
