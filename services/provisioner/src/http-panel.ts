import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { json } from '@spawnpoint/service-kit'
import { checkPanel } from './check-panel.ts'
import type { CheckPanelDeps } from './panel-finding.ts'
import { orPanelProblem } from './panel-problem.ts'

const finding = z.object({
  level: z.enum(['ok', 'warning', 'error']),
  what: z.string(),
  message: z.string(),
})

const check = createRoute({
  method: 'post',
  path: '/admin/panel/check',
  description:
    'Looks at the panel, its key, the nodes of every region and the egg of every plan, and says what to mend. Changes nothing.',
  responses: {
    200: json(
      z.object({ ok: z.boolean(), findings: z.array(finding) }),
      'What was found; `ok` without errors',
    ),
  },
})

export function addPanelRoutes(app: OpenAPIHono, deps: CheckPanelDeps): void {
  app.openapi(check, async (c) => {
    const findings = await orPanelProblem(() => checkPanel(deps))
    return c.json({ ok: findings.every(({ level }) => level !== 'error'), findings }, 200)
  })
}
