import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { Panels } from '../panels/panels.ts'
import { panelsOfServers } from '../store/panels.ts'

/** What goes on by itself for one panel. */
export type Worker = { reconciler: Loop; queue: Loop; others: Loop[] }

export type PanelWorkers = {
  /** Something may be due, on whichever panel. */
  wakeReconcilers(): void
  /** There may be more room on this panel, or on any. */
  wakeQueues(panelId?: string): void
  /** A panel has come or gone. */
  refreshPanels(): void
  stop(): Promise<void>
}

const lookEveryMs = 5_000

/**
 * For each panel a worker of its own, so that one that is slow or away holds nobody up on another; also for a panel that
 * servers name and nobody knows, or they would wait without a word.
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
    idleMs: lookEveryMs,
    onError: (error) => log.warn({ err: error }, 'Which panels there are could not be read'),
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
