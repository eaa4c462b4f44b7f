import { failpoint } from '@spawnpoint/service-kit'
import type { Panel } from '../panel-types/panel.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import type { PanelView } from '../panels/panel-view.ts'
import type { PollServer } from '../panels/poll-server.ts'
import { addressOf } from '../rules/address.ts'
import { firstPollDelayMs } from '../rules/backoff.ts'
import { movedRegion } from '../rules/moved.ts'
import type { NextStep } from '../rules/next-step.ts'
import { lostPorts, portsLost } from '../rules/reservations.ts'
import { isInDoubt, orderOf, type Server } from '../rules/server.ts'
import type { ServerEventName } from '../rules/server-events.ts'
import {
  adopted,
  blocked,
  delayed,
  done,
  failed,
  installing,
  moved,
  reinstalling,
  resting,
  type Transition,
  waiting,
} from '../rules/transitions.ts'
import { releaseLease } from '../store/leases.ts'
import { regionsOfNode } from '../store/regions.ts'
import { removeReservation, reservationsOf, reserveMoved } from '../store/reservations.ts'
import type { CreateServer } from './create-server.ts'
import { executePanelCall, type PanelCallDeps } from './execute-panel-call.ts'
import type { RenameServer } from './rename-server.ts'
import type { ResizeServer } from './resize-server.ts'
import { panelFailure, type StepResult } from './step-result.ts'

export type StepDeps = PanelCallDeps & {
  panel: Panel
  createServer: CreateServer
  resizeServer: ResizeServer
  renameServer: RenameServer
  view: PanelView
  installs: PollServer
}

/** Takes one step. Null where the server is no longer ours to reconcile. */
export async function takeStep(
  deps: StepDeps,
  server: Server,
  next: NextStep,
  now: Date,
): Promise<StepResult | null> {
  const { panel, prisma, timeScale, installs } = deps
  switch (next.step) {
    case 'create':
      return await create(deps, server, now)
    case 'adopt':
      return { server, change: adopted(server, next.found, now) }
    case 'poll': {
      const usualMs = installs.usualMs(next.found.egg)
      return { server, change: installing(server, next.found, { now, timeScale, usualMs }) }
    }
    case 'suspend':
    case 'unsuspend':
      return await executePanelCall(deps, server, {
        intent: next.step,
        found: next.found,
        now,
        ask: () => panel[next.step](next.found.id),
      })
    case 'reinstall':
      return await reinstall(deps, server, { found: next.found, now })
    case 'resize':
      return await deps.resizeServer(server, next.found, now)
    case 'rename':
      return await deps.renameServer(server, next.found, now)
    case 'delete':
      return await executePanelCall(deps, server, {
        intent: 'delete',
        found: next.found,
        now,
        ask: () => panel.deleteServer(next.found.id, { force: next.force }),
      })
    case 'done':
      return await finish(deps, server, { found: next.found, now })
    case 'hold':
      return { server, change: blocked(server, next) }
    case 'fail':
      return { server, change: failed(next) }
    case 'wait':
      if (!isInDoubt(server, now)) await removeReservation(prisma, server.order_id)
      return { server, change: resting(server, next.until) }
    default:
      return next satisfies never
  }
}

async function create(deps: StepDeps, server: Server, now: Date): Promise<StepResult | null> {
  const created = await deps.createServer(server, now)
  const inDoubtBefore = server.unknown_until
  switch (created.outcome) {
    case 'created': {
      failpoint('panel.after-create')
      const answered = { ...created.server, unknown_until: inDoubtBefore }
      const change = adopted(answered, created.found, now)
      const { built_state } = created
      deps.installs.began(server.order_id, created.found.egg)
      const due = firstPollDelayMs(deps.installs.usualMs(created.found.egg))
      return { server: answered, change: { ...change, set: { ...change.set, built_state }, due } }
    }
    case 'waiting':
      return { server, change: waiting(server, created, now) }
    case 'delayed':
      return { server, change: delayed(server, created) }
    case 'refused':
      return await panelFailure(deps, created.server, { error: created.error, inDoubtBefore, now })
    case 'failed':
      // An earlier create may still be carried out: it fails only once that is ruled out.
      return { server, change: isInDoubt(server, now) ? waiting(server, created, now) : failed(created) }
    case 'lost':
      await releaseLease(deps.prisma, server)
      return null
    case 'elsewhere':
      return { server, change: moved(created.panelId) }
    default:
      return created satisfies never
  }
}

async function reinstall(
  deps: StepDeps,
  server: Server,
  { found, now }: { found: PanelServer; now: Date },
): Promise<StepResult | null> {
  const ask = () => deps.panel.reinstall(found.id)
  const isForEgg = server.reinstall_egg === found.egg
  const reinstall = isForEgg
    ? { reinstall_egg: found.egg, reinstall_sent_of: found.updated_at ?? 'not shown' }
    : undefined
  const asked = await executePanelCall(deps, server, { intent: 'reinstall', found, now, ask, reinstall })
  if (!asked || asked.change) return asked
  if (isForEgg) return { ...asked, change: reinstalling(asked.server, now) }
  return { server: { ...asked.server, reinstalls: asked.server.reinstalls + 1, installing_since: now } }
}

async function finish(
  deps: StepDeps,
  server: Server,
  { found, now }: { found: PanelServer | null; now: Date },
): Promise<StepResult> {
  const { order_id: orderId } = server
  const change = await withRegion(deps, server, { change: done(server, found, now), found })
  // Ports are only checked against its reservations when it is new.
  const isNew = change.publish === 'provisioned' && server.installed_at === null
  if (found?.relationships?.allocations && isNew) {
    const lost = lostPorts(await reservationsOf(deps.prisma, orderId), found)
    // A person gives it other ports: the reserved ones are not checked again.
    const afterwards = () => removeReservation(deps.prisma, orderId)
    if (lost.length > 0) return { server, change: failed(portsLost(found, lost)), afterwards }
  }
  return {
    server,
    change,
    afterwards: async (saved) => {
      if (saved && found && saved.node_id !== server.node_id && change.publish === 'moved')
        await takeAlong(deps, server, found)
      if (saved && change.publish) announce(deps, server, { found, published: change.publish })
    },
  }
}

function announce(
  { log, view }: StepDeps,
  { order_id: orderId, node_id: nodeId }: Server,
  { found, published }: { found: PanelServer | null; published: ServerEventName },
): void {
  if (!found) view.capacityFreed(nodeId)
  if (found && published === 'provisioned')
    log.info(
      { orderId, pteroServerId: found.id, address: addressOf(found) },
      `Server provisioned: ${found.identifier} (ID: ${found.id}) for order ${orderId}`,
    )
  else log.info({ orderId, pteroServerId: found?.id ?? null }, `Server ${published}: order ${orderId}`)
}

/** The region of a server that was moved, as far as the seller's regions say it: its order follows it there. */
async function withRegion(
  { prisma, panel }: StepDeps,
  server: Server,
  { change, found }: { change: Transition; found: PanelServer | null },
): Promise<Transition> {
  const { moved_region: before = server.moved_region } = change.set
  if (!found || before === null) return change
  const moved_region = movedRegion(orderOf(server).region, await regionsOfNode(prisma, panel.id, found.node))
  const isNews = moved_region !== null && moved_region !== '' && moved_region !== server.moved_region
  const publish = change.publish ?? (isNews ? 'moved' : undefined)
  return { ...change, set: { ...change.set, moved_region }, publish }
}

// Both nodes are read again soon; until then the panel's sums count it on the one that it has left.
async function takeAlong(
  { prisma, panel, view }: StepDeps,
  { order_id: orderId, node_id: before }: Server,
  found: PanelServer,
): Promise<void> {
  await reserveMoved(prisma, { panelId: panel.id, orderId, found })
  view.capacityFreed(before)
  view.capacityFreed(found.node)
}
