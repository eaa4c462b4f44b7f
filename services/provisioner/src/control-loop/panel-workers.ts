import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { Panels } from '../panels/panels.ts'
import { panelsOfServers } from '../store/panels.ts'

/** The loops of one panel. */
export type Worker = { reconciler: Loop; queue: Loop; others: Loop[] }

export type PanelWorkers = {
  /** Servers may be due, on any panel. */
  wakeReconcilers(): void
  /** There may be more capacity on this panel, or on any. */
  wakeQueues(panelId?: string): void
  /** Panels were added or removed. */
  refreshPanels(): void
  stop(): Promise<void>
}

const refreshMs = 5_000

/**
 * One worker per panel, so that a slow or unavailable panel does not delay another; also for an unknown panel that
 * servers refer to, or they would wait without an error.
 */
export function startPanelWorkers({
  prisma,
  panels,
  open,
  log,
}: {
  prisma: PrismaClient
  panels: Panels
  open: (panelId: string) => Worker
  log: Logger
}): PanelWorkers {
  const workers = new Map([[mainPanel, open(mainPanel)]])
  const closing = new Set<Promise<void>>()

  async function tick(): Promise<number> {
    const wanted = new Set([...(await panels.ids()), ...(await panelsOfServers(prisma))])
    for (const id of wanted) if (!workers.has(id)) workers.set(id, open(id))
    for (const [id, worker] of workers) {
      if (wanted.has(id)) continue
      workers.delete(id)
      const closed = close(worker).finally(() => closing.delete(closed))
      closing.add(closed)
    }
    return 0
  }

  const loop = startLoop({
    tick,
    idleMs: refreshMs,
    onError: (error) => log.warn({ err: error }, 'Reading the panels failed; retrying'),
  })
  return {
    wakeReconcilers: () => {
      for (const { reconciler } of workers.values()) reconciler.wake()
    },
    wakeQueues: (panelId) => {
      for (const [id, { queue }] of workers) if (id === (panelId ?? id)) queue.wake()
    },
    refreshPanels: loop.wake,
    stop: async () => {
      await loop.stop()
      await Promise.all([...[...workers.values()].map(close), ...closing])
    },
  }
}

async function close({ reconciler, queue, others }: Worker): Promise<void> {
  await Promise.all([reconciler, queue, ...others].map((loop) => loop.stop()))
}
