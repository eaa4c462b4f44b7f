import type { OrderState } from '@spawnpoint/contracts'
import type { PrismaClient } from '../generated/client.ts'
import type { PanelEgg, PanelServer } from '../panel-types/resources.ts'
import { generateValue } from '../rules/egg-rules/generate-value.ts'
import { notGenerated, settledWith, valuesToGenerate } from '../rules/generated-values.ts'
import type { PlanSpec, SettledSpec } from '../rules/plan-spec.ts'
import type { Wait } from '../rules/waiting-reasons.ts'
import { keepGenerated, readGenerated } from '../store/generated-values.ts'

/**
 * The spec with the values that are this server's own: those kept for it, else those that the panel shows (a backup may be older than the
 * server), else new ones, which are kept before they are sent.
 */
export async function settleSpec(
  prisma: PrismaClient,
  {
    order,
    spec,
    egg,
    found,
  }: { order: OrderState; spec: PlanSpec; egg: PanelEgg; found: PanelServer | null },
): Promise<{ spec: SettledSpec } | { problem: Wait }> {
  const wanted = valuesToGenerate(egg, spec, order.environment)
  if (wanted.length === 0) return { spec: settledWith(spec, {}) }
  const kept = await readGenerated(prisma, order.order_id)
  const values: Record<string, string> = {}
  for (const { variable, wanted: how } of wanted) {
    const name = variable.env_variable
    if (kept[name] !== undefined) continue
    const shown = String(found?.container.environment[name] ?? '')
    const value = shown === '' || shown.length > longest ? generateValue(variable, how) : shown
    if (value === null) return { problem: { class: 'value_not_generated', message: notGenerated(variable) } }
    values[name] = value
  }
  const isKept = Object.keys(values).length === 0
  return { spec: settledWith(spec, isKept ? kept : await keepGenerated(prisma, order.order_id, values)) }
}

/** What the table takes. */
const longest = 191
