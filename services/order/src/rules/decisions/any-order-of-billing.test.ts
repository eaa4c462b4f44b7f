import type { Payment, ServerState, Subscription } from '@spawnpoint/contracts'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { order, payment, selling, server, subscription } from '../../../test/fixtures.ts'
import type { Decision } from '../order/decision.ts'
import type { Order } from '../order/order.ts'
import { type AdminCommand, applyAdminCommand } from './admin-command.ts'
import { applyPayment } from './apply-payment.ts'
import { applyServer } from './apply-server.ts'
import { applySubscription } from './apply-subscription.ts'
import { reevaluateOrder } from './reevaluate-order.ts'

type Input = { payment: Payment } | { subscription: Subscription } | { server: ServerState }
type Step = Input | { command: AdminCommand }

const rules = selling({ small: 999, large: 1999 })
const now = rules.now.getTime()
const runs = { numRuns: 700 }
const inDays = (days: number) => new Date(now + days * 86_400_000).toISOString()

/** One after the other, each a newer version of the same. */
function versions<Changes, Item>(
  changes: fc.Arbitrary<Changes>,
  maxLength: number,
  item: (changes: Changes, version: number) => Item,
) {
  return fc.array(changes, { maxLength }).map((all) => all.map((one, index) => item(one, index + 1)))
}

const contested = fc.record(
  {
    refunded: fc.constantFrom(0, 500, 999),
    dispute: fc.constantFrom(null, 'inquiry', 'open', 'won', 'lost'),
    fraud_warning: fc.constantFrom(null, null, 'Stolen card'),
  },
  { requiredKeys: [] },
)
const ofSubscription = { subscription_id: 'sub_1', order_id: 'o-1' }
const first = versions(contested, 3, (changes, version) => ({
  payment: payment({ ...ofSubscription, payment_id: 'sub_1', version, paid_until: inDays(0.5), ...changes }),
}))
const renewal = (invoice: string, paid_until: string) =>
  versions(
    fc.tuple(fc.boolean(), contested).map(([isIn, changes]) => ({ ...changes, isIn })),
    3,
    ({ isIn, ...changes }, version) => {
      const status = isIn || version > 1 ? 'succeeded' : 'failed'
      const rest = { payment_id: invoice, kind: 'renewal', version, status, paid_until } as const
      return { payment: payment({ ...ofSubscription, ...rest, ...(status === 'failed' ? {} : changes) }) }
    },
  )
const subscriptions = versions(
  fc.record({
    status: fc.constantFrom('active', 'past_due', 'unpaid', 'paused', 'canceled'),
    plan: fc.constantFrom('small', 'large'),
    paid_until: fc.constantFrom(null, inDays(0.5), inDays(30)),
    cancel_at: fc.constantFrom(null, inDays(0.5)),
    uncollectible: fc.boolean(),
  }),
  4,
  (changes, version) => ({ subscription: subscription({ version, ...changes }) }),
)
const servers = versions(
  fc.constantFrom('waiting', 'provisioning', 'provisioned', 'failed', 'suspended'),
  3,
  (status, version) => ({
    server: server({ version, status, ptero_server_id: status === 'waiting' ? null : 7 }),
  }),
)
const inputs: fc.Arbitrary<Input[]> = fc
  .tuple(first, renewal('in_1', inDays(0.5)), renewal('in_2', inDays(30)), subscriptions, servers)
  .map((lists): Input[] => lists.flat())
const commands = fc.array(
  fc.constantFrom<AdminCommand>({ do: 'suspend' }, { do: 'resume' }, { do: 'rename', server_name: 'Castle' }),
  { maxLength: 3 },
)

/** The same inputs in two orders, each delivered once or more. */
const twoWays = inputs.chain((all) => fc.tuple(delivered(all), delivered(all)))

test('any order of any billing and server events, however often each arrives, ends in the same state', () => {
  fc.assert(
    fc.property(twoWays, ([one, other]) => {
      fc.pre(!mayEndForGood(one))
      expect(stateOf(take(one))).toEqual(stateOf(take(other)))
    }),
    runs,
  )
})

test('commands in between are kept, whenever they are sent', () => {
  fc.assert(
    fc.property(inputs, commands, fc.nat(20), (all, sent, at) => {
      fc.pre(!mayEndForGood(all))
      const accepted = take([...paidFirst, ...all])
      const given = sent.map((command) => ({ command }))
      const [before, after] = [all.slice(0, at), all.slice(at)]
      const early = take([...paidFirst, ...given, ...all])
      const between = take([...paidFirst, ...before, ...given, ...after])
      const late = take([...paidFirst, ...all, ...given])
      // A held order takes no commands.
      fc.pre(accepted.desired !== 'none')
      expect(stateOf(early)).toEqual(stateOf(late))
      if (take([...paidFirst, ...before]).desired !== 'none') expect(stateOf(between)).toEqual(stateOf(late))
      expect(late).toMatchObject(asCommanded(sent))
    }),
    runs,
  )
})

function asCommanded(sent: AdminCommand[]): Partial<Order> {
  const last = sent.findLast((command) => command.do === 'suspend' || command.do === 'resume')
  const isRenamed = sent.some((command) => command.do === 'rename')
  return {
    wanted: last?.do === 'suspend' ? 'suspended' : 'running',
    server_name: isRenamed ? 'Castle' : 'Home',
  }
}

test('an order that has ended never comes back, and each of its events has a version of its own', () => {
  const steps = fc
    .tuple(inputs, commands)
    .chain(([all, sent]) =>
      delivered<Step>([...all, ...sent.map((command) => ({ command })), { command: { do: 'terminate' } }]),
    )
  fc.assert(
    fc.property(steps, (all) => {
      let current = order()
      for (const one of all) {
        const decision = decide(current, one)
        if (decision?.kind !== 'apply') continue
        expect(decision.order.version - current.version).toBe(decision.event === null ? 0 : 1)
        if (current.desired === 'terminated') expect(decision.order.desired).toBe('terminated')
        current = decision.order
      }
    }),
    runs,
  )
})

test('late events never undo later ones: a repeat of an earlier event changes nothing', () => {
  fc.assert(
    fc.property(inputs, fc.nat(), (all, which) => {
      const before = take(all)
      const again = all[which % Math.max(1, all.length)]
      if (again) expect(stateOf(take([...all, again]))).toEqual(stateOf(before))
    }),
    runs,
  )
})

const paidFirst: Input[] = [
  { payment: payment({ ...ofSubscription, payment_id: 'sub_1', version: 1, paid_until: inDays(0.5) }) },
]

function take(all: Step[]): Order {
  const settled = all.reduce((current, one) => {
    const decision = decide(current, one)
    return decision?.kind === 'apply' ? decision.order : current
  }, order())
  // As the clock does at the same moment: a warning that had to wait for another event is published.
  return reevaluateOrder(settled, settled, { rules }).order
}

function decide(current: Order, one: Step) {
  if ('command' in one) return applyAdminCommand(current, { command: one.command, reason: 'asked' }, rules)
  if ('payment' in one) return applyPayment(current, one.payment, rules)
  if ('subscription' in one) return applySubscription(current, one.subscription, rules)
  return applyServer(current, one.server, rules) satisfies Decision
}

/** For ever is for ever, even where a later word takes back why: only then does the order of words count. */
function mayEndForGood(all: Input[]): boolean {
  const isFinal = (input: Input) =>
    'subscription' in input && input.subscription.status === 'canceled' && !isLast(all, input.subscription)
  return all.some(isFinal)
}

function isLast(all: Input[], { version }: Subscription): boolean {
  return all.every((input) => !('subscription' in input) || input.subscription.version <= version)
}

// How many words it took, and what was passed through, is another matter.
function stateOf({ version: _, payment_version: __, charge: ___, money, ...state }: Order) {
  const { version: ____, ...rest } = money.subscription ?? {}
  return { ...state, subscription: rest, payments: money.payments.map(({ version: _, ...one }) => one) }
}

function delivered<Item>(all: Item[]): fc.Arbitrary<Item[]> {
  const shuffled = (items: Item[]) =>
    fc.shuffledSubarray(items, { minLength: items.length, maxLength: items.length })
  if (all.length === 0) return fc.constant([])
  return fc
    .tuple(shuffled(all), fc.array(fc.constantFrom(...all), { maxLength: 4 }))
    .chain(([once, again]) => shuffled([...once, ...again]))
}
