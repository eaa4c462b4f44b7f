import { mainPanel } from '../panel-types/main-panel.ts'

/** Why a server waits: a stable name, and a sentence that a person can act on. */
export type Wait = { class: string; message: string }

export function planWithoutSpec(plan: string, panelId: string): Wait {
  const isMain = panelId === mainPanel
  const message =
    `The plan ${plan} has no spec on the panel${isMain ? '' : ` ${panelId}`}: ` +
    `PUT /admin/plan-specs/${plan}${isMain ? '' : ` with "panel": "${panelId}"`}.`
  return { class: 'plan_without_spec', message }
}

/** The plan uses an egg that the panel does not have. */
export function eggMissing(plan: string, eggId: number): Wait {
  return {
    class: 'egg_missing',
    message: `The panel has no egg ${eggId}: correct /admin/plan-specs/${plan}; where it is paid, then provision the order again.`,
  }
}
