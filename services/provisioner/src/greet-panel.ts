import type { Logger } from '@spawnpoint/service-kit'
import { classifyError } from './panel/classify-error.ts'
import type { PanelClient } from './panel/panel-client.ts'
import { PanelError } from './panel/panel-error.ts'
import { nodeAttributes, page } from './panel/resources.ts'

/** Asks the panel something small: a wrong address or key shows before the first order, which then finds the way there warm. */
export async function greetPanel({ panel, log }: { panel: PanelClient; log: Logger }): Promise<void> {
  try {
    await panel.call('/nodes?per_page=1', page(nodeAttributes))
    log.info('The panel lets us in')
  } catch (error) {
    const said = error instanceof PanelError ? classifyError(error) : { class: 'panel_not_asked' }
    log.warn({ err: error, ...said }, 'The panel cannot be used yet')
  }
}
