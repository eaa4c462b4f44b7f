import { failpoint, type Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import { type NodeGates, nodeBusy } from '../panels/node-gates.ts'
import type { Intent, Server } from '../rules/server.ts'
import { delayed } from '../rules/transitions.ts'
import { type ReinstallMark, recordIntent } from '../store/intents.ts'
import { releaseLease } from '../store/leases.ts'
import { panelFailure, type StepResult } from './step-result.ts'

export type PanelCallDeps = {
  prisma: PrismaClient
  timeScale: number
  leaseMs: number
  doubtMs: number
  gates: NodeGates
  log: Logger
}

type PanelCall = {
  intent: Exclude<Intent, 'create'>
  found: PanelServer
  now: Date
  ask: () => Promise<unknown>
  reinstall?: ReinstallMark | undefined
  /** What is known to be applied once the call was sent. */
  built_state?: string | null
}

/**
 * Commits the intent, then asks the panel. Without a change where it was done; null where the server is no longer ours to reconcile. Nothing
 * is sent while its node is busy.
 */
export async function executePanelCall(
  deps: PanelCallDeps,
  server: Server,
  call: PanelCall,
): Promise<StepResult | null> {
  const { gates } = deps
  const { node } = call.found
  const leave = await gates.enter(node)
  if (!leave) return { server, change: delayed(server, nodeBusy(node, gates.isLate(node))) }
  let failure: unknown
  const ask = async () => {
    try {
      return await call.ask()
    } catch (error) {
      failure = error
      throw error
    }
  }
  try {
    return await intendAndAsk(deps, server, { ...call, ask })
  } finally {
    leave(failure)
  }
}

async function intendAndAsk(
  deps: PanelCallDeps,
  server: Server,
  { intent, found, now, ask, reinstall, built_state }: PanelCall,
): Promise<StepResult | null> {
  const { prisma, leaseMs, doubtMs } = deps
  const sawInstalled = found.status === null
  const marks = { sawInstalled, reinstall, built_state }
  const intended = await recordIntent(prisma, server, { intent, leaseMs, doubtMs, ...marks })
  if (!intended) {
    await releaseLease(prisma, server)
    return null
  }
  const inDoubtBefore = server.unknown_until
  failpoint(`panel.before-${intent}`)
  try {
    await ask()
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    return await panelFailure(deps, intended, { error, inDoubtBefore, now })
  }
  failpoint(`panel.after-${intent}`)
  return { server: { ...intended, unknown_until: inDoubtBefore } }
}
