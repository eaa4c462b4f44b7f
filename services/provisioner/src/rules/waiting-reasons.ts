import type { OrderState } from '@spawnpoint/contracts'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { PanelEgg } from '../panel-types/resources.ts'
import { eggDefects } from './egg-rules/egg-image.ts'
import { refusedVariables } from './egg-rules/may-set.ts'
import type { PlanSpec } from './plan-spec.ts'

/** Why a server waits: a stable name, and a sentence that a person can act on. */
export type Wait = { class: string; message: string }

export function planWithoutSpec(plan: string, panelId: string): Wait {
  const isMain = panelId === mainPanel
  const message =
    `The plan ${plan} has no spec on the panel${isMain ? '' : ` ${panelId}`}: ` +
    `PUT /admin/plan-specs/${plan}${isMain ? '' : ` with "panel": "${panelId}"`}.`
  return { class: 'plan_without_spec', message }
}

/** Said only while it lasts, and never published. */
export const passing = ['unanswered', 'in_doubt']

/** `step`: what it is asked for, such as `delete`; null while the server is only looked at. `nodeId`: the node that has to do it. */
export function unanswered(step: string | null, nodeId: number | null): Wait {
  const what = step === null ? 'how the server is' : step
  const behind = nodeId === null ? '' : `, or node ${nodeId} behind it,`
  const message = `The panel has not answered ${what} yet: it${behind} is slow or away. This goes on by itself.`
  return { class: 'unanswered', message }
}

/** The panel may still do what it never answered. */
export function inDoubt(what: string, until: Date): Wait {
  return {
    class: 'in_doubt',
    message: `The panel did not answer ${what}, and may still carry it out until ${until.toISOString()}: it is looked at again then.`,
  }
}

/** The plan uses an egg that the panel does not have. */
export function eggMissing(plan: string, eggId: number): Wait {
  return {
    class: 'egg_missing',
    message: `The panel has no egg ${eggId}: correct /admin/plan-specs/${plan}; where it is paid, then provision the order again.`,
  }
}

/** Why an order that was sold cannot be created as it is: the egg or the plan changed since, or the panel was away at the sale. */
export function whyUnfit(egg: PanelEgg, spec: PlanSpec, { plan, environment }: OrderState): Wait | null {
  const [defect] = eggDefects(egg, spec)
  if (defect) return { class: 'egg_unusable', message: `${defect.message} ${again(plan)}` }
  const refused = refusedVariables(egg, spec, environment).filter(({ isWithoutEffect }) => !isWithoutEffect)
  if (refused.length === 0) return null
  const message = `The order sets what it may not: ${refused.map(({ message }) => message).join(' ')} Correct the order's environment, then provision it again.`
  return { class: 'variable_not_allowed', message }
}

function again(plan: string): string {
  return `Correct /admin/plan-specs/${plan} or the egg, then provision the order again.`
}
