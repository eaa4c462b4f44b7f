import type { PrismaClient } from '../generated/client.ts'
import type { Panel, PanelFinding } from '../panel-types/panel.ts'
import type { PanelTools } from '../panels/panel-tools.ts'
import { planSpecOf } from '../rules/plan-spec.ts'
import { sharedUsers } from '../store/panel-users.ts'
import { checkPanelNodes } from './check-panel-nodes.ts'
import { checkPlanSpec } from './check-plan-spec.ts'

/** Whether everything that is sold on a panel can be made there with this key. Changes nothing there. */
export async function checkPanel(prisma: PrismaClient, tools: PanelTools): Promise<PanelFinding[]> {
  const { panel } = tools
  const rights = await panel.checkRights()
  if (rights.some(({ level }) => level === 'error')) return rights
  return [
    ...rights,
    ...(await checkPanelNodes(prisma, panel)),
    ...(await checkPlans(prisma, tools)),
    ...(await checkUsers(prisma, panel)),
    pace(panel),
  ]
}

async function checkPlans(prisma: PrismaClient, { panel, view }: PanelTools): Promise<PanelFinding[]> {
  const rows = await prisma.planSpec.findMany({ where: { panelId: panel.id }, orderBy: { plan: 'asc' } })
  if (rows.length === 0)
    return [{ level: 'warning', what: 'plans', message: 'No plan is set: PUT /admin/plan-specs/{plan}.' }]
  const findings: PanelFinding[] = []
  for (const row of rows) {
    const what = `plan ${row.plan}`
    const checked = await checkPlanSpec(view.readEgg, planSpecOf(row))
    const warnings = [...checked.defects.map(({ message }) => message), ...checked.warnings]
    findings.push(...warnings.map((message): PanelFinding => ({ level: 'warning', what, message })))
    if (warnings.length === 0) findings.push({ level: 'ok', what, message: 'Fits its egg.' })
  }
  return findings
}

// From before users were taken by e-mail with care.
async function checkUsers(prisma: PrismaClient, panel: Panel): Promise<PanelFinding[]> {
  const shared = await sharedUsers(prisma, panel.id)
  return shared.map((id) => ({
    level: 'warning',
    what: `user ${id}`,
    message: `Several customers own servers as user ${id}: if they are not one person, somebody took another's e-mail on the panel. Compare the e-mail there with those of their orders, and give each server its owner back.`,
  }))
}

function pace(panel: Panel): PanelFinding {
  const { calls_a_minute: calls } = panel.state()
  const message =
    calls === null
      ? 'The panel does not report a rate limit.'
      : `The panel takes ${calls} calls a minute, about ${Math.floor(calls / 3)} new servers.`
  return { level: 'ok', what: 'calls', message }
}
