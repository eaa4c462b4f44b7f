import type { PrismaClient } from './generated/client.ts'
import { type PlanSpec, planSpecOf } from './plan-spec.ts'
import type { Wait } from './wait.ts'

export async function findPlanSpec(prisma: PrismaClient, plan: string): Promise<PlanSpec | null> {
  return (await findPlanSpecs(prisma, [plan])).get(plan) ?? null
}

/** By plan, those that are set. */
export async function findPlanSpecs(prisma: PrismaClient, plans: string[]): Promise<Map<string, PlanSpec>> {
  const rows = await prisma.planSpec.findMany({ where: { plan: { in: plans } } })
  return new Map(rows.map((row) => [row.plan, planSpecOf(row)]))
}

export function planWithoutSpec(plan: string): Wait {
  const message = `Nobody has said what the plan ${plan} is on the panel: PUT /admin/plan-specs/${plan}.`
  return { class: 'plan_without_spec', message }
}
