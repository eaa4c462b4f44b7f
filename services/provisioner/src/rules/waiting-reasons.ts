import { mainPanel } from '../panel-types/main-panel.ts'

/** What a server waits for: a stable name, and a sentence that a person can act on. */
export type Wait = { class: string; message: string }

export function planWithoutSpec(plan: string, panelId: string): Wait {
  const isMain = panelId === mainPanel
  const message =
    `Nobody has said what the plan ${plan} is on the panel${isMain ? '' : ` ${panelId}`}: ` +
    `PUT /admin/plan-specs/${plan}${isMain ? '' : ` with "panel": "${panelId}"`}.`
  return { class: 'plan_without_spec', message }
}

/** Why nothing can be made or changed: the plan is of an egg that the panel does not have. */
export function eggMissing(plan: string, eggId: number): Wait {
  return {
    class: 'egg_missing',
    message: `The panel has no egg ${eggId}: correct /admin/plan-specs/${plan}; where it is paid, then provision the order again.`,
  }
}
