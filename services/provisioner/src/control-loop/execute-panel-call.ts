import { step as crashPoint, type Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import type { Intent, Server } from '../rules/server.ts'
import { intend } from '../store/intents.ts'
import { releaseLease } from '../store/leases.ts'
import { recordTrouble } from './record-panel-error.ts'

export type CarryOutDeps = { prisma: PrismaClient; timeScale: number; leaseMs: number; log: Logger }

type Deed = {
  intent: Exclude<Intent, 'create'>
  found: PanelServer
  now: Date
  ask: () => Promise<unknown>
}

/** Commits what is intended, then asks the panel for it. Null where it was not done, or the server is no longer ours to drive. */
export async function carryOut(
  deps: CarryOutDeps,
  server: Server,
  { intent, found, now, ask }: Deed,
): Promise<Server | null> {
  const { prisma, leaseMs } = deps
  const intended = await intend(prisma, server, { intent, leaseMs, sawInstalled: found.status === null })
  if (!intended) {
    await releaseLease(prisma, server)
    return null
  }
  const unknownBefore = server.unknown_until
  crashPoint(`panel.before-${intent}`)
  try {
    await ask()
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    await recordTrouble(deps, intended, { error, unknownBefore, now })
    return null
  }
  crashPoint(`panel.after-${intent}`)
  return { ...intended, unknown_until: unknownBefore }
}
