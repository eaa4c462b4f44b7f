import { sql } from '@spawnpoint/database'
import type { PrismaClient } from '../generated/client.ts'
import { type PlanSpec, planSpecOf } from '../rules/plan-spec.ts'

export async function findPlanSpec(
  prisma: PrismaClient,
  plan: string,
  panelId: string,
): Promise<PlanSpec | null> {
  return (await findPlanSpecs(prisma, [plan], panelId)).get(plan) ?? null
}

/** For statements that join: read as the model has it. */
export const specColumns = sql`ptero_egg_id AS pteroEggId, limits, feature_limits AS featureLimits, environment,
  docker_image AS dockerImage, startup, ports, may_set AS maySet, egg_change AS eggChange`

/** By plan, those that are set for a panel. */
export async function findPlanSpecs(
  prisma: PrismaClient,
  plans: string[],
  panelId: string,
): Promise<Map<string, PlanSpec>> {
  if (plans.length === 0) return new Map()
  const rows = await prisma.planSpec.findMany({ where: { plan: { in: plans }, panelId } })
  return new Map(rows.map((row) => [row.plan, planSpecOf(row)]))
}
