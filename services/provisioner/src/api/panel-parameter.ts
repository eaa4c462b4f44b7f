import { z } from '@hono/zod-openapi'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { Panels } from '../panels/panels.ts'
import { noSuchPanel } from '../store/panels.ts'

export const panelIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, '1 to 32 small letters, digits and hyphens')

/** Of a body that is about one panel: `main` when left out. */
export const panelField = panelIdSchema.default(mainPanel)

/** 422 listing the known panels where a body or a query names an unknown one. */
export async function requirePanel(panels: Panels, id: string): Promise<void> {
  const known = await panels.ids()
  if (!known.includes(id)) throw noSuchPanel(id, known)
}
