import type { PrismaClient } from './generated/client.ts'
import { mainPanel } from './panel/main-panel.ts'
import { type PlanSpec, planSpecOf } from './plan-spec.ts'
import type { Wait } from './waiting-line/wait.ts'

export async function findPlanSpec(
  prisma: PrismaClient,
  plan: string,
  panelId: string,
): Promise<PlanSpec | null> {
  return (await findPlanSpecs(prisma, [plan], panelId)).get(plan) ?? null
}

/** By plan, those that are set for a panel. */
export async function findPlanSpecs(
  prisma: PrismaClient,
  plans: string[],
  panelId: string,
): Promise<Map<string, PlanSpec>> {
  const rows = await prisma.planSpec.findMany({ where: { plan: { in: plans }, panelId } })
  return new Map(rows.map((row) => [row.plan, planSpecOf(row)]))
}

export function planWithoutSpec(plan: string, panelId: string): Wait {
  const isMain = panelId === mainPanel
  const message =
    `Nobody has said what the plan ${plan} is on the panel${isMain ? '' : ` ${panelId}`}: ` +
    `PUT /admin/plan-specs/${plan}${isMain ? '' : ` with "panel": "${panelId}"`}.`
  return { class: 'plan_without_spec', message }
}
