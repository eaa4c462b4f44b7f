import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import type { Panel } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import { classifyError } from '../pterodactyl/classify-error.ts'
import type { Panels } from './panels.ts'

const askAgainMs = 30_000

/**
 * Asks the panel something small: a wrong address or key shows before the first order, which then finds the way there warm.
 * Asked again while something is wrong, so that health does not go on telling of what is over.
 */
export function greetPanel({ panels, panelId, log }: { panels: Panels; panelId: string; log: Logger }): Loop {
  // Of another address or key it is another one.
  let greeted: Panel | null = null
  return startLoop({
    tick: async () => {
      const { panel } = await panels.get(panelId)
      if (greeted === panel && !panel.trouble()) return 0
      greeted = panel
      await panel.greet()
      log.info({ panel: panelId }, 'The panel lets us in')
      return 0
    },
    idleMs: askAgainMs,
    onError: (error) => {
      const said = error instanceof PanelError ? classifyError(error) : { class: 'panel_not_asked' }
      log.warn({ err: error, panel: panelId, ...said }, 'The panel cannot be used')
    },
  })
}
