import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { ViewPart } from '../rules/view-parts.ts'
import { claimPart, readWantedParts, releasePart, removeUnwantedParts } from '../store/panel-view.ts'
import type { PanelView } from './panel-view.ts'
import type { Panels } from './panels.ts'

/** Of the panel's 240 calls a minute a tenth at most. */
const spacingMs = 2_500
const wantedForMs = 60_000

/** Keeps the view of a panel fresh: one part after the other, on one replica, and sooner where somebody asked for it. */
export function startRefreshingView({
  prisma,
  panels,
  panelId,
  timeScale,
  onRefreshed,
  log,
}: {
  prisma: PrismaClient
  panels: Panels
  panelId: string
  timeScale: number
  /** There may be more capacity than before. */
  onRefreshed: () => void
  log: Logger
}): Loop {
  let wanted: { parts: ViewPart[]; until: number } = { parts: [], until: 0 }

  async function tick(): Promise<number> {
    const { view } = await panels.get(panelId)
    view.refresher.onRequest(wake)
    if (performance.now() >= wanted.until) {
      const parts = await readWantedParts(prisma, panelId)
      view.refresher.forget(parts)
      await removeUnwantedParts(prisma, panelId, parts)
      wanted = { parts, until: performance.now() + wantedForMs * timeScale }
    }
    const next = await view.refresher.next(wanted.parts)
    if (!next) return 0
    await refresh(view, next)
    // What was asked for, or was never read, does not wait for its turn.
    return next.isUrgent ? 1 : 0
  }

  async function refresh(
    { url, refresher }: PanelView,
    { part, isUrgent }: { part: ViewPart; isUrgent: boolean },
  ): Promise<void> {
    const shownAt = refresher.shownAt(part)
    if (shownAt && !(await claimPart(prisma, { panelId, url }, { part, shownAt })))
      return refresher.leave(part)
    try {
      await refresher.read(part, isUrgent)
    } catch (error) {
      await releasePart(prisma, { panelId, url }, part)
      throw error
    }
    onRefreshed()
  }

  function wake(): void {
    loop.wake()
  }

  const loop = startLoop({
    tick,
    idleMs: spacingMs * timeScale,
    onError: (error) => {
      const level = error instanceof PanelError && error.kind === 'not_sent' ? 'debug' : 'warn'
      log[level]({ err: error, panel: panelId }, 'Reading the panel failed; retrying')
    },
  })
  return loop
}
