import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { nodeBusy } from '../panels/node-gates.ts'
import type { Panels } from '../panels/panels.ts'
import type { Server } from '../rules/server.ts'
import { unanswered } from '../rules/waiting-reasons.ts'
import { sayAwaited, sayNodeBusy } from '../store/awaited.ts'

const sayAfterMs = 5_000
const busyEveryMs = 2_000

type Deps = { prisma: PrismaClient; timeScale: number; log: Logger }

/** Says what is waited for once a panel has not answered for five seconds: a node may keep it for 15, and a call lasts up to 60. */
export async function sayingAwaited<Answer>(
  { prisma, timeScale, log }: Deps,
  server: Server,
  { step, nodeId }: { step: string | null; nodeId: number | null },
  work: () => Promise<Answer>,
): Promise<Answer> {
  let saying: Promise<void> | undefined
  const timer = setTimeout(() => {
    saying = sayAwaited(prisma, server, unanswered(step, nodeId)).catch((error) =>
      log.warn({ err: error, orderId: server.order_id }, 'Saying what a server waits for failed'),
    )
  }, sayAfterMs * timeScale)
  try {
    return await work()
  } finally {
    clearTimeout(timer)
    await saying
  }
}

/** Servers on a busy node are left for later: they say so. */
export function startSayingBusy({
  prisma,
  panels,
  panelId,
  timeScale,
  log,
}: Deps & { panels: Panels; panelId: string }): Loop {
  async function tick(): Promise<number> {
    const { gates } = await panels.get(panelId)
    for (const nodeId of gates.busy())
      await sayNodeBusy(prisma, { panelId, nodeId }, nodeBusy(nodeId, gates.isLate(nodeId)))
    return 0
  }
  return startLoop({
    tick,
    idleMs: Math.max(50, busyEveryMs * timeScale),
    onError: (error) => log.debug({ err: error, panelId }, 'Looking for busy nodes failed'),
  })
}
