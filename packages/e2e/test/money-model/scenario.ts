import type { Policy } from '@spawnpoint/order'
import fc from 'fast-check'

/** What somebody does at Stripe, or what the bank does. `which` counts back from the newest invoice. */
export type Action =
  | { do: 'card'; answer: 'works' | 'declined' | 'requires_action' | 'bank_debit' | 'bank_debit_fails' }
  | { do: 'pay-invoice'; outOfBand: boolean; which: 'newest' | 'oldest' }
  | { do: 'pay-together' }
  | { do: 'pay-in-parts'; isWhole: boolean }
  | { do: 'add-on'; proration: 'create_prorations' | 'always_invoice' | 'none' }
  | { do: 'switch-plan'; to: PriceName; proration: 'create_prorations' | 'always_invoice' | 'none' }
  | {
      do: 'upgrade'
      proration: 'create_prorations' | 'always_invoice' | 'none'
      behavior: 'allow_incomplete' | 'default_incomplete' | 'pending_if_incomplete'
      money: 'paid' | 'paid-later' | 'unpaid' | 'voided'
    }
  | { do: 'flip-plan'; times: number }
  | { do: 'several'; what: 'second-plan' | 'three-units' | 'one' }
  | {
      do: 'replace'
      by: 'full' | 'prorated' | 'anchored' | 'raised' | 'bigger' | 'with-add-on'
      former: 'ends' | 'has-ended' | 'goes-on'
    }
  | { do: 'collect-by'; days: number | null }
  | { do: 'fraud'; what: 'warning' | 'review' }
  | { do: 'crowd-invoice'; count: number; kind: 'one_off' | 'proration' | 'mixed' }
  | { do: 'refund'; which: number; share: 'half' | 'all' }
  | {
      do: 'dispute'
      which: number
      reason: DisputeReason
      after: 'nothing' | 'won' | 'lost'
      share: 'part' | 'all'
    }
  | { do: 'credit'; amount: number }
  | { do: 'extend-trial'; days: number }
  | { do: 'pause'; behavior: 'keep_as_draft' | 'mark_uncollectible' | 'void' }
  | { do: 'unpause' }
  | { do: 'cancel'; when: 'now' | 'period-end' | 'keep' }
  | { do: 'close-invoice'; how: 'void' | 'mark_uncollectible'; which: 'newest' | 'oldest' }

/** `spelled` names the plan `large` in another spelling, `raised` charges more for `monthly`; nobody knows the price `cheap`. */
export type PriceName = 'monthly' | 'large' | 'yearly' | 'spelled' | 'raised' | 'cheap'
/** A direct debit that is disputed is returned by the bank, whatever the reason. */
type DisputeReason = 'fraudulent' | 'inquiry'

/** What becomes of one event on its way; later in hours. */
export type Fate = 'ok' | 'lost' | 'twice' | { late: number }

export type Scenario = {
  /** Days of trial at the start; 0 without. */
  trial: number
  /** `once`: a plan that is paid one time, without a subscription. A bank debit takes days. */
  sale: { plan: 'monthly' | 'once'; by: 'card' | 'bank_debit' | 'bank_debit_fails' }
  policy: Pick<Policy, 'full_refund' | 'underpaid'>
  steps: { afterHours: number; action: Action }[]
  /** Taken by each event in turn, over and over; none: every event arrives at once. */
  fates: Fate[]
  /** Hours between two runs of catch-up; null: none. */
  sweepEvery: number | null
  answersFirst: boolean
  billing: { final_outcome: 'canceled' | 'unpaid' | 'past_due' | 'paused'; retry_days: number[] }
}

const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary })
const is = <const T>(value: T) => fc.constant(value)

const actions = {
  card: fc.record({
    do: is('card'),
    answer: fc.constantFrom(
      'works',
      'declined',
      'declined',
      'requires_action',
      'bank_debit',
      'bank_debit_fails',
    ),
  }),
  'pay-invoice': fc.record({
    do: is('pay-invoice'),
    outOfBand: fc.boolean(),
    which: fc.constantFrom('newest', 'newest', 'oldest'),
  }),
  'pay-together': fc.record({ do: is('pay-together') }),
  'pay-in-parts': fc.record({ do: is('pay-in-parts'), isWhole: fc.constantFrom(true, true, false) }),
  'add-on': fc.record({
    do: is('add-on'),
    proration: fc.constantFrom('create_prorations', 'always_invoice', 'none'),
  }),
  'switch-plan': fc.record({
    do: is('switch-plan'),
    to: fc.constantFrom('monthly', 'large', 'yearly', 'monthly', 'large', 'yearly', 'spelled', 'cheap'),
    proration: fc.constantFrom('create_prorations', 'always_invoice', 'none'),
  }),
  upgrade: fc.record({
    do: is('upgrade'),
    proration: fc.constantFrom('always_invoice', 'always_invoice', 'create_prorations', 'none'),
    behavior: fc.constantFrom('allow_incomplete', 'default_incomplete', 'pending_if_incomplete'),
    money: fc.constantFrom('paid', 'paid-later', 'unpaid', 'voided'),
  }),
  several: fc.record({ do: is('several'), what: fc.constantFrom('second-plan', 'three-units', 'one') }),
  replace: fc.record({
    do: is('replace'),
    by: fc.constantFrom('full', 'prorated', 'anchored', 'raised', 'bigger', 'with-add-on'),
    former: fc.constantFrom('ends', 'ends', 'has-ended', 'goes-on'),
  }),
  'collect-by': fc.record({ do: is('collect-by'), days: fc.constantFrom(7, 7, 30, null) }),
  fraud: fc.record({ do: is('fraud'), what: fc.constantFrom('warning', 'review') }),
  'flip-plan': fc.record({ do: is('flip-plan'), times: fc.constantFrom(3, 6) }),
  'crowd-invoice': fc.record({
    do: is('crowd-invoice'),
    count: fc.constantFrom(3, 12, 40),
    kind: fc.constantFrom('one_off', 'proration', 'mixed'),
  }),
  refund: fc.record({ do: is('refund'), which: fc.nat(2), share: fc.constantFrom('half', 'all') }),
  dispute: fc.record({
    do: is('dispute'),
    which: fc.nat(2),
    reason: fc.constantFrom('fraudulent', 'fraudulent', 'inquiry'),
    after: fc.constantFrom('nothing', 'won', 'lost'),
    share: fc.constantFrom('all', 'all', 'part'),
  }),
  credit: fc.record({ do: is('credit'), amount: fc.constantFrom(-500, -999, -2500, 300) }),
  'extend-trial': fc.record({ do: is('extend-trial'), days: fc.integer({ min: 1, max: 45 }) }),
  pause: fc.record({
    do: is('pause'),
    behavior: fc.constantFrom('keep_as_draft', 'mark_uncollectible', 'void'),
  }),
  unpause: fc.record({ do: is('unpause') }),
  cancel: fc.record({ do: is('cancel'), when: fc.constantFrom('now', 'period-end', 'keep') }),
  'close-invoice': fc.record({
    do: is('close-invoice'),
    how: fc.constantFrom('void', 'mark_uncollectible'),
    which: fc.constantFrom('newest', 'oldest'),
  }),
} satisfies { [Name in Action['do']]: fc.Arbitrary<Extract<Action, { do: Name }>> }

const weights: Record<Action['do'], number> = {
  card: 6,
  'pay-invoice': 4,
  'pay-in-parts': 2,
  'add-on': 2,
  'switch-plan': 4,
  upgrade: 3,
  'flip-plan': 1,
  several: 1,
  replace: 3,
  'collect-by': 2,
  fraud: 1,
  'pay-together': 1,
  'crowd-invoice': 2,
  refund: 3,
  dispute: 3,
  credit: 2,
  'extend-trial': 1,
  pause: 2,
  unpause: 2,
  cancel: 2,
  'close-invoice': 2,
}

const hour = 1
const day = 24 * hour

/** Any interleaving of a year. `only` leaves out all other actions. */
export function scenarios({
  only = Object.keys(weights) as Action['do'][],
  faults = true,
  catchUp = true,
}: {
  only?: Action['do'][]
  faults?: boolean
  catchUp?: boolean
} = {}): fc.Arbitrary<Scenario> {
  const action: fc.Arbitrary<Action> = fc.oneof(
    ...only.map((name) => often(weights[name], actions[name] as fc.Arbitrary<Action>)),
  )
  // Soon after one another as often as in another period.
  const pause = fc.oneof(fc.integer({ min: 0, max: 3 * day }), fc.integer({ min: 3 * day, max: 50 * day }))
  const fate: fc.Arbitrary<Fate> = fc.oneof(
    often(6, is('ok')),
    often(2, is('lost')),
    often(1, is('twice')),
    often(2, fc.record({ late: fc.constantFrom(1, 30, 100, 300) })),
  )
  return fc.record({
    trial: fc.constantFrom(0, 0, 14),
    sale: fc.record({
      plan: fc.constantFrom(...Array<'monthly'>(15).fill('monthly'), 'once'),
      by: fc.constantFrom('card', 'card', 'card', 'card', 'card', 'bank_debit', 'bank_debit_fails'),
    }),
    policy: fc.record({
      full_refund: fc.constantFrom('end', 'end', 'end', 'suspend', 'keep'),
      underpaid: fc.constantFrom('alert', 'suspend'),
    }),
    steps: fc.array(fc.record({ afterHours: pause, action }), { maxLength: 14 }),
    fates: fc.array(fate, { maxLength: faults ? 12 : 0 }),
    sweepEvery: catchUp ? fc.constantFrom(day, 6 * day, 20 * day, null) : is(null),
    answersFirst: fc.boolean(),
    billing: fc.record({
      final_outcome: fc.constantFrom('canceled', 'unpaid', 'past_due', 'paused'),
      retry_days: fc.constantFrom([3, 5, 7], [1], []),
    }),
  })
}
