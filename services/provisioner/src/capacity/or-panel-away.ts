import { RequestRefused } from '@spawnpoint/messaging'
import { PanelError } from '../panel-types/panel-error.ts'

/** A failure of the panel becomes a refusal with its own code. */
export async function orPanelAway<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof PanelError)
      throw new RequestRefused('panel_away', 'The panel is unavailable: capacity is currently unknown.')
    throw error
  }
}
