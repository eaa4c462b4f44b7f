import type { PanelKind } from '../panel-types/main-panel.ts'
import { createPelican } from '../pelican/pelican.ts'
import { createPterodactyl } from '../pterodactyl/pterodactyl.ts'

export const createPanel = {
  pterodactyl: createPterodactyl,
  pelican: createPelican,
} satisfies Record<PanelKind, typeof createPterodactyl>
