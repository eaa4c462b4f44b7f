import { failpoint, type Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from './generated/client.ts'
import { intend } from './intend.ts'
import { releaseLease } from './lease.ts'
import { PanelError } from './panel/panel-error.ts'
import type { PanelServer } from './panel/resources.ts'
import { recordTrouble } from './record-trouble.ts'
import type { Intent, Server } from './server.ts'

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
  failpoint(`panel.before-${intent}`)
  try {
    await ask()
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    await recordTrouble(deps, intended, { error, unknownBefore, now })
    return null
  }
  failpoint(`panel.after-${intent}`)
  return { ...intended, unknown_until: unknownBefore }
}
