import { mainPanel } from '../panel-types/main-panel.ts'
import type { PanelState } from '../panel-types/panel.ts'
import { classifyError } from '../pterodactyl/classify-error.ts'
import type { Panels } from './panels.ts'

/** In words, for health: what stands against which panel. */
export async function panelTroubles(panels: Panels): Promise<string | null> {
  const ids = await panels.ids()
  const troubles = await Promise.all(ids.map((id) => troubleOf(panels, id)))
  const told = troubles.filter((trouble) => trouble !== null)
  return told.length === 0 ? null : told.join(' ')
}

/** How each panel is asked; `panel` is the one of the environment, as it was before there were others. */
export async function panelStates(
  panels: Panels,
): Promise<{ panel: PanelState | undefined; panels: Record<string, PanelState> }> {
  const ids = await panels.ids()
  const states = await Promise.all(ids.map(async (id) => [id, (await panels.get(id)).panel.state()] as const))
  const byId = Object.fromEntries(states)
  return { panel: byId[mainPanel], panels: byId }
}

async function troubleOf(panels: Panels, id: string): Promise<string | null> {
  const trouble = (await panels.get(id)).panel.trouble()
  if (!trouble) return null
  const { message } = classifyError(trouble)
  // Whoever has one panel never hears its name.
  return id === mainPanel ? message : `${id}: ${message}`
}
