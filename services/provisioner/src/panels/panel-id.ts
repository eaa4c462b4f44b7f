import { z } from '@hono/zod-openapi'
import { mainPanel } from '../panel-types/main-panel.ts'

export const panelIdSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, '1 to 32 small letters, digits and hyphens')

/** Of a body that is about one panel: `main` when left out. */
export const panelField = panelIdSchema.default(mainPanel)
