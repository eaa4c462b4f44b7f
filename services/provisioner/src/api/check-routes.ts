import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { json, problem } from '@spawnpoint/service-kit'
import { checkPanel } from '../checks/check-panel.ts'
import type { PrismaClient } from '../generated/client.ts'
import type { PanelFinding } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { Panels } from '../panels/panels.ts'
import { classifyError } from '../pterodactyl/classify-error.ts'
import { panelIdSchema, requirePanel } from './panel-parameter.ts'

const finding = z.object({
  /** Left out where there is only one panel. */
  panel: z.string().optional(),
  level: z.enum(['ok', 'warning', 'error']),
  what: z.string(),
  message: z.string(),
})

const check = createRoute({
  method: 'post',
  path: '/admin/panel/check',
  description:
    'Checks each panel, or one: its key, the nodes of every region and the egg of every plan. Reports what to repair and changes nothing.',
  request: { query: z.object({ panel: panelIdSchema.optional() }) },
  responses: {
    200: json(
      z.object({ ok: z.boolean(), findings: z.array(finding) }),
      'What was found; `ok` without errors',
    ),
    422: problem('No such panel'),
  },
})

type Deps = { prisma: PrismaClient; panels: Panels }

export function addCheckRoutes(app: OpenAPIHono, deps: Deps): void {
  app.openapi(check, async (c) => {
    const { panel } = c.req.valid('query')
    if (panel !== undefined) await requirePanel(deps.panels, panel)
    const all = await deps.panels.ids()
    const ids = panel === undefined ? all : [panel]
    const checked = await Promise.all(ids.map((id) => checkOne(deps, id)))
    const findings = checked.flatMap(({ id, found }) =>
      found.map((one) => (all.length === 1 ? one : { panel: id, ...one })),
    )
    return c.json({ ok: findings.every(({ level }) => level !== 'error'), findings }, 200)
  })
}

async function checkOne({ prisma, panels }: Deps, id: string) {
  return { id, found: await orFinding(async () => await checkPanel(prisma, await panels.get(id))) }
}

// A panel that fails during its check does not affect the results of the others.
async function orFinding(check: () => Promise<PanelFinding[]>): Promise<PanelFinding[]> {
  try {
    return await check()
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    return [{ level: 'error', what: 'panel', message: `${classifyError(error).message} Ask again.` }]
  }
}
