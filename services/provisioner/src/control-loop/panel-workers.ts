import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { Panels } from '../panels/panels.ts'
import { panelsOfServers } from '../store/panels.ts'

/** What goes on by itself for one panel. */
export type Lane = { reconciler: Loop; line: Loop; others: Loop[] }

export type Lanes = {
  /** Something may be due, on whichever panel. */
  wakeReconcilers(): void
  /** There may be more room on this panel, or on any. */
  wakeLines(panelId?: string): void
  /** A panel has come or gone. */
  lookForPanels(): void
  stop(): Promise<void>
}

const lookEveryMs = 5_000

/**
 * For each panel a lane of its own, so that one that is slow or away holds nobody up on another; also for a panel that
 * servers name and nobody knows, or they would wait without a word.
 */
export function startLanes({
  prisma,
  panels,
  open,
  log,
}: {
  prisma: PrismaClient
  panels: Panels
  open: (panelId: string) => Lane
  log: Logger
}): Lanes {
  const lanes = new Map([[mainPanel, open(mainPanel)]])
  const closing = new Set<Promise<void>>()

  async function tick(): Promise<number> {
    const wanted = new Set([...(await panels.ids()), ...(await panelsOfServers(prisma))])
    for (const id of wanted) if (!lanes.has(id)) lanes.set(id, open(id))
    for (const [id, lane] of lanes) {
      if (wanted.has(id)) continue
      lanes.delete(id)
      const closed = close(lane).finally(() => closing.delete(closed))
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
      for (const { reconciler } of lanes.values()) reconciler.wake()
    },
    wakeLines: (panelId) => {
      for (const [id, { line }] of lanes) if (id === (panelId ?? id)) line.wake()
    },
    lookForPanels: loop.wake,
    stop: async () => {
      await loop.stop()
      await Promise.all([...[...lanes.values()].map(close), ...closing])
    },
  }
}

async function close({ reconciler, line, others }: Lane): Promise<void> {
  await Promise.all([reconciler, line, ...others].map((loop) => loop.stop()))
}
