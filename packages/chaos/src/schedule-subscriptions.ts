import type { MonthlyPlanId } from './catalogue.ts'
import type { Random } from './random.ts'

/** Days from the moment at which the subscriptions renew. */
export const phases = { ahead: -0.5, renewed: 0.15, late: 0.8, later: 1.3, rest: 8, middle: 9 } as const
type Phase = keyof typeof phases
const months = [1, 2, 3] as const
type Month = (typeof months)[number]

export type Action =
  | 'card-fails'
  | 'card-works'
  | 'card-is-debit'
  | 'invoice-is-paid'
  | 'refund'
  | 'refund-in-part'
  | 'dispute'
  | 'dispute-old'
  | 'dispute-won'
  | 'dispute-lost'
  | 'debit-returned'
  | 'plan-now'
  | 'plan-later'
  | 'switch-plan'
  | 'cancel-later'
  | 'cancel-now'
  | 'pause-void'
  | 'pause-draft'
  | 'resume'

export type PlannedAction = { month: Month; phase: Phase; do: Action }

/** `otherPlan`: what a change leads to. */
export type PlannedLife = { kind: LifeKind; otherPlan: MonthlyPlanId; actions: PlannedAction[] }

/** One point in the months after the sale: Stripe's time and the services' move there, and then people do things. */
export type PlannedStep = { atMs: number; month: Month; phase: Phase }

type Script = Partial<Record<Phase, Action[]>>

const scripts = {
  renews: {},
  'pays-in-grace': { ahead: ['card-fails'], renewed: ['card-works', 'invoice-is-paid'] },
  'pays-late': { ahead: ['card-fails'], later: ['card-works', 'invoice-is-paid'] },
  'never-pays': { ahead: ['card-fails'] },
  'is-refunded': { renewed: ['refund'] },
  'is-refunded-in-part': { renewed: ['refund-in-part'] },
  'dispute-won': { renewed: ['dispute'], later: ['dispute-won'] },
  'dispute-lost': { renewed: ['dispute'], later: ['dispute-lost'] },
  'old-dispute-lost': { late: ['dispute-old'], rest: ['dispute-lost'] },
  'pays-by-debit': { ahead: ['card-is-debit'] },
  'debit-returned': { ahead: ['card-is-debit'], rest: ['debit-returned', 'card-fails'] },
  'debit-returned-once': { ahead: ['card-is-debit'], rest: ['debit-returned', 'card-works'] },
  'changes-now': { late: ['plan-now'] },
  'changes-later': { late: ['plan-later'] },
  'switches-in-portal': { late: ['switch-plan'] },
  'cancels-later': { late: ['cancel-later'] },
  'cancels-now': { late: ['cancel-now'] },
  'pauses-for-good': { ahead: ['pause-void'] },
  'pauses-with-drafts': { ahead: ['pause-draft'] },
  'pauses-once': { ahead: ['pause-void'], rest: ['resume'] },
} satisfies Record<string, Script>
type LifeKind = keyof typeof scripts

const weights: Record<LifeKind, number> = {
  renews: 5,
  'pays-in-grace': 2,
  'pays-late': 3,
  'never-pays': 3,
  'is-refunded': 2,
  'is-refunded-in-part': 1,
  'dispute-won': 2,
  'dispute-lost': 2,
  'old-dispute-lost': 1,
  'pays-by-debit': 1,
  'debit-returned': 2,
  'debit-returned-once': 1,
  'changes-now': 2,
  'changes-later': 2,
  'switches-in-portal': 2,
  'cancels-later': 2,
  'cancels-now': 1,
  'pauses-for-good': 1,
  'pauses-with-drafts': 1,
  'pauses-once': 1,
}

/** What happens to one subscription, in one of its months. */
export function planLife(
  random: Random,
  { from, plan }: { from: 'shop' | 'link'; plan: MonthlyPlanId },
): PlannedLife {
  // Orders of a link have no id that their buyer knows.
  const kind = random.weighted(from === 'link' ? { ...weights, ...withoutOrder } : weights)
  // A change with the next period is complete when that begins.
  const month =
    kind === 'changes-later' || kind === 'cancels-later' ? random.pick([1, 2] as const) : random.pick(months)
  const script: Script = scripts[kind]
  const otherPlan = plan === 'monthly' ? 'monthly-large' : 'monthly'
  return { kind, otherPlan, actions: actionsOf(script, month) }
}

const withoutOrder = { 'changes-now': 0, 'changes-later': 0, 'cancels-later': 0, 'cancels-now': 0 }

function actionsOf(script: Script, month: Month): PlannedAction[] {
  return phaseNames.flatMap((phase) => (script[phase] ?? []).map((action) => ({ month, phase, do: action })))
}

const phaseNames = Object.keys(phases) as Phase[]

/** All steps within the time given, one after the other. */
export function planSteps({ fromMs, toMs }: { fromMs: number; toMs: number }): PlannedStep[] {
  const points = months.flatMap((month) => phaseNames.map((phase) => ({ month, phase })))
  return points.map((point, index) => ({
    atMs: Math.round(fromMs + (index / points.length) * (toMs - fromMs)),
    ...point,
  }))
}
