import { RequestRefused } from '@spawnpoint/messaging'
import { PanelError } from '../panel-types/panel-error.ts'

/** What the panel does not answer is refused with a code of its own. */
export async function orPanelAway<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof PanelError)
      throw new RequestRefused('panel_away', 'The panel does not say what is free.')
    throw error
  }
}
