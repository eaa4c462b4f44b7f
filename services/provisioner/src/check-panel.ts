import { checkPanelNodes } from './check-panel-nodes.ts'
import { checkPanelRights } from './check-panel-rights.ts'
import { checkPlanSpec } from './check-plan-spec.ts'
import type { PanelClient } from './panel/panel-client.ts'
import type { CheckPanelDeps, PanelFinding } from './panel-finding.ts'
import { planSpecOf } from './plan-spec.ts'

/** Whether everything that is sold can be made on this panel with this key. Changes nothing there. */
export async function checkPanel(deps: CheckPanelDeps): Promise<PanelFinding[]> {
  const rights = await checkPanelRights(deps.panel)
  if (rights.some(({ level }) => level === 'error')) return rights
  return [...rights, ...(await checkPanelNodes(deps)), ...(await checkPlans(deps)), pace(deps.panel)]
}

async function checkPlans({ prisma, findEgg }: CheckPanelDeps): Promise<PanelFinding[]> {
  const rows = await prisma.planSpec.findMany({ orderBy: { plan: 'asc' } })
  if (rows.length === 0)
    return [{ level: 'warning', what: 'plans', message: 'No plan is set: PUT /admin/plan-specs/{plan}.' }]
  const findings: PanelFinding[] = []
  for (const row of rows) {
    const what = `plan ${row.plan}`
    const warnings = await checkPlanSpec(findEgg, planSpecOf(row))
    findings.push(...warnings.map((message): PanelFinding => ({ level: 'warning', what, message })))
    if (warnings.length === 0) findings.push({ level: 'ok', what, message: 'Fits its egg.' })
  }
  return findings
}

function pace(panel: PanelClient): PanelFinding {
  const { calls_a_minute: calls } = panel.state()
  const message =
    calls === null
      ? 'The panel does not say how many calls it takes.'
      : `The panel takes ${calls} calls a minute, about ${Math.floor(calls / 6)} new servers.`
  return { level: 'ok', what: 'calls', message }
}
