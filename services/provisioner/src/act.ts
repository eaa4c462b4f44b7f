import { failpoint, type Logger } from '@spawnpoint/service-kit'
import { type CarryOutDeps, carryOut } from './carry-out.ts'
import { adopted, done, failed, installing, moved, waiting } from './changes.ts'
import type { CreateServer } from './create-server.ts'
import { findLostPorts, portsLost } from './find-lost-ports.ts'
import { releaseLease } from './lease.ts'
import type { NextStep } from './next-step.ts'
import type { Panel } from './panel/panel.ts'
import { addressOf, type PanelServer } from './panel/resources.ts'
import { dropClaim } from './placement/claims.ts'
import { recordServer } from './record-server.ts'
import { recordTrouble } from './record-trouble.ts'
import type { RenameServer } from './rename-server.ts'
import type { ResizeServer } from './resize-server.ts'
import { mayStillLand, type Server } from './server.ts'

export type Deps = CarryOutDeps & {
  panel: Panel
  createServer: CreateServer
  resizeServer: ResizeServer
  renameServer: RenameServer
  /** Called when there is more room than before. */
  wakeWaiting: () => void
  log: Logger
}

/** Does one step and records it. Gives the server back when it is to be looked at again at once. */
export async function act(deps: Deps, server: Server, next: NextStep, now: Date): Promise<Server | null> {
  switch (next.step) {
    case 'create':
      return await create(deps, server, now)
    case 'adopt':
      await recordServer(deps, server, adopted(server, next.found, now))
      return null
    case 'poll':
      await recordServer(deps, server, installing(server, next.found, now, deps.timeScale))
      return null
    case 'suspend':
    case 'unsuspend':
      return await carryOut(deps, server, {
        intent: next.step,
        found: next.found,
        now,
        ask: () => deps.panel[next.step](next.found.id),
      })
    case 'reinstall':
      return await reinstall(deps, server, { found: next.found, now })
    case 'resize':
      return await deps.resizeServer(server, next.found, now)
    case 'rename':
      return await deps.renameServer(server, next.found, now)
    case 'delete':
      return await carryOut(deps, server, {
        intent: 'delete',
        found: next.found,
        now,
        ask: () => deps.panel.deleteServer(next.found.id, { force: next.force }),
      })
    case 'done':
      await finish(deps, server, { found: next.found, now })
      return null
    case 'fail':
      await recordServer(deps, server, failed(next))
      return null
    case 'wait':
      if (!mayStillLand(server, now)) await dropClaim(deps.prisma, server.order_id)
      await recordServer(deps, server, { set: {}, due: next.until })
      return null
    default:
      return next satisfies never
  }
}

async function create(deps: Deps, server: Server, now: Date): Promise<Server | null> {
  const created = await deps.createServer(server, now)
  const unknownBefore = server.unknown_until
  switch (created.outcome) {
    case 'created': {
      failpoint('panel.after-create')
      const answered = { ...created.server, unknown_until: unknownBefore }
      // Some eggs are installed by now.
      return await recordServer(deps, answered, { ...adopted(answered, created.found, now), due: 'keep' })
    }
    case 'waiting':
      await recordServer(deps, server, waiting(server, created, now))
      return null
    case 'refused':
      await recordTrouble(deps, created.server, { error: created.error, unknownBefore, now })
      return null
    case 'failed':
      // An earlier create may still land: then it fails only once that is ruled out.
      await recordServer(
        deps,
        server,
        mayStillLand(server, now) ? waiting(server, created, now) : failed(created),
      )
      return null
    case 'lost':
      await releaseLease(deps.prisma, server)
      return null
    case 'elsewhere':
      await recordServer(deps, server, moved(created.panelId))
      return null
    default:
      return created satisfies never
  }
}

type Seen = { found: PanelServer; now: Date }

async function reinstall(deps: Deps, server: Server, { found, now }: Seen): Promise<Server | null> {
  const asked = await carryOut(deps, server, {
    intent: 'reinstall',
    found,
    now,
    ask: () => deps.panel.reinstall(found.id),
  })
  return asked && { ...asked, reinstalls: asked.reinstalls + 1, installing_since: now }
}

async function finish(
  deps: Deps,
  server: Server,
  { found, now }: { found: PanelServer | null; now: Date },
): Promise<void> {
  const change = done(server, found, now)
  if (found && change.tell === 'provisioned') {
    const lost = await findLostPorts(deps.prisma, server.order_id, found)
    if (lost.length > 0) return await failForPorts(deps, server, portsLost(found, lost))
  }
  const saved = await recordServer(deps, server, change)
  if (!saved || !change.tell) return
  if (!found) deps.wakeWaiting()
  const { order_id: orderId } = server
  if (found && change.tell === 'provisioned')
    deps.log.info(
      { orderId, pteroServerId: found.id, address: addressOf(found) },
      `Server provisioned: ${found.identifier} (ID: ${found.id}) for order ${orderId}`,
    )
  else deps.log.info({ orderId, pteroServerId: found?.id ?? null }, `Server ${change.tell}: order ${orderId}`)
}

// Whoever gives it others has seen to it: what was promised is not looked for again.
async function failForPorts(deps: Deps, server: Server, why: ReturnType<typeof portsLost>): Promise<void> {
  await recordServer(deps, server, failed(why))
  await dropClaim(deps.prisma, server.order_id)
}
