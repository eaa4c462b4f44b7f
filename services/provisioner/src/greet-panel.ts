import { z } from '@hono/zod-openapi'
import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import { classifyError } from './panel/classify-error.ts'
import type { PanelClient } from './panel/panel-client.ts'
import { PanelError } from './panel/panel-error.ts'
import { page } from './panel/resources.ts'

const askAgainMs = 30_000

/**
 * Asks the panel something small: a wrong address or key shows before the first order, which then finds the way there warm.
 * Asked again while something is wrong, so that health does not go on telling of what is over.
 */
export function greetPanel({ panel, log }: { panel: PanelClient; log: Logger }): Loop {
  let greeted = false
  return startLoop({
    tick: async () => {
      if (greeted && !panel.trouble()) return 0
      greeted = true
      // What a Pelican panel does not have.
      await panel.call('/nests?per_page=1', page(z.unknown()))
      log.info('The panel lets us in')
      return 0
    },
    idleMs: askAgainMs,
    onError: (error) => {
      const said = error instanceof PanelError ? classifyError(error) : { class: 'panel_not_asked' }
      log.warn({ err: error, ...said }, 'The panel cannot be used')
    },
  })
}

/** In words, for health. */
export async function panelTrouble(panel: PanelClient): Promise<string | null> {
  const trouble = panel.trouble()
  return trouble ? classifyError(trouble).message : null
}
