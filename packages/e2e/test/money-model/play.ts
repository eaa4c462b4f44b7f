import { act } from './actions.ts'
import { graceS, openJudge, tickS } from './check.ts'
import { openDelivery } from './delivery.ts'
import { openOracle } from './oracle.ts'
import { type Decided, type Mutant, openProduct, policy } from './product.ts'
import type { Story } from './scenario.ts'
import { openStripeApi } from './stripe-api.ts'
import { dateOf, openStripeWorld, planNames, prices, type StripeWorld } from './stripe-environment.ts'

export type Played = { violations: string[]; story: string[] }
type Options = { mutant?: Mutant | null; tells?: boolean }

const hour = 3_600
const day = 24 * hour
const year = 365 * day
const orderId = '7d3a9c1e-52b4-5f0e-9a61-0c8e4b7f2d35'
/** Stops the clock, for what has to be waited for or is not right. */
const interrupted = new Error('the clock stops')

/** One year of one customer. Stops at the first thing that is not right. */
export async function play(story: Story, { mutant = null, tells = false }: Options = {}): Promise<Played> {
  const world = openStripeWorld(story)
  const { stripe, account } = world
  const { seconds, agenda } = account
  const begun = seconds()
  const { lines, tell } = openTale(seconds, tells)
  const calls: (() => Promise<unknown>)[] = []
  let sweptAt = 0
  let unset = () => {}

  const delivery = openDelivery(world, story, { tell, arrive: (event) => moment(() => understand(event)) })
  const judge = openJudge({
    ...{ oracle: openOracle(account, { graceS }), product: () => product, seconds, tell },
    isKnowable: (since) => sweptAt > since || delivery.hasBroughtAllSince(sweptAt),
  })
  const api = openStripeApi(world, {
    cancel: (id, then) => {
      tell('decided', () => 'its subscription is cancelled at Stripe')
      calls.push(() => world.call('DELETE', `subscriptions/${id}`).then(() => moment(then)))
      agenda.add(seconds() + 1, stopClock)
    },
  })
  const product = openProduct({
    ...{ orderId, mutant, plans: plansForSale(), api, answersFirst: story.answersFirst },
    decided: (decided) => {
      tell('decided', () => sentenceOf(decided))
      judge.decided(decided)
    },
  })

  // Whatever happens, it is looked whether all is right before and after.
  function moment(what: () => void): void {
    judge.judge()
    what()
    product.tick()
    judge.judge()
    if (isDecided()) stopClock()
    wake()
  }

  function understand(event: Parameters<typeof product.hear>[0]): void {
    try {
      product.hear(event)
    } catch (error) {
      judge.wrong(
        'broken',
        `${event.type} is not understood (${String(error).replaceAll(/\s+/g, ' ').slice(0, 200)})`,
      )
    }
  }

  function wake(): void {
    unset()
    const due = product.dueAt()
    if (due === null) return
    const at = Math.max(Math.ceil(Date.parse(due) / 1000), seconds() + tickS)
    unset = agenda.add(at, () => moment(() => {}))
  }

  function sweepAgain(): void {
    if (story.sweepEvery === null) return
    agenda.add(seconds() + story.sweepEvery * hour, () => {
      tell('catch-up', () => 'looks at all objects')
      moment(() => {
        product.sweep()
        sweptAt = seconds()
      })
      sweepAgain()
    })
  }

  /** Something is wrong, or all is over: what follows tells nothing more. */
  function isDecided(): boolean {
    return judge.violations.length > 0 || (judge.hasEnded() && world.subscription()?.status === 'canceled')
  }

  async function advanceTo(target: number): Promise<void> {
    while (seconds() < Math.min(target, begun + year) && !isDecided()) {
      await untilStopped(() => stripe.advanceClock((Math.min(target, begun + year) - seconds()) * 1000))
      for (const call of calls.splice(0)) await untilStopped(call)
    }
  }

  sweepAgain()
  product.sentTo(await buy(world, story.trial))
  tell('deed', () => `bought${story.trial > 0 ? ` with a trial of ${story.trial} days` : ''}`)
  let due = begun
  for (const { afterHours, deed } of story.steps) {
    due += afterHours * hour
    await advanceTo(due)
    if (due > begun + year || isDecided()) break
    const became = await act(world, deed)
    tell('deed', () => became)
  }
  await advanceTo(begun + year)
  return { violations: judge.violations, story: lines }
}

function stopClock(): never {
  throw interrupted
}

async function untilStopped(go: () => unknown): Promise<void> {
  try {
    await go()
  } catch (error) {
    if (error !== interrupted) throw error
  }
}

async function buy(world: StripeWorld, trial: number): Promise<string> {
  const metadata = { order_id: orderId, plan: 'monthly', region: 'eu' }
  const session = await world.call('POST', 'checkout/sessions', {
    mode: 'subscription',
    success_url: 'https://shop.example/thanks',
    line_items: { 0: { price: 'price_monthly', quantity: 1 } },
    metadata,
    subscription_data: { metadata, ...(trial > 0 ? { trial_period_days: trial } : {}) },
  })
  if (!session) throw new Error(`no session: ${world.refusals.at(-1)}`)
  world.stripe.pay(session.id)
  return session.id
}

function openTale(seconds: () => number, tells: boolean) {
  const begun = seconds()
  const lines: string[] = []
  const days = () => ((seconds() - begun) / day).toFixed(1).padStart(5)
  const tell = (who: string, what: () => string) => {
    if (tells) lines.push(`${dateOf(seconds())} day ${days()}  ${who.padEnd(8)} ${what()}`)
  }
  return { lines, tell }
}

function sentenceOf({ type, order, note, alarm }: Decided): string {
  const { billing_status, desired, paid_until } = order
  const why = `${note ? ` (${note})` : ''}${alarm ? ` ALARM ${alarm}` : ''}`
  return `${type}: ${billing_status}, ${desired}, paid until ${paid_until?.slice(0, 16) ?? '-'}${why}`
}

function plansForSale() {
  const plan = (id: (typeof planNames)[number]) => {
    const { amount, interval } = prices[id]
    return { id, name: id, price: { amount, currency: 'eur' }, interval, limits: {}, policy }
  }
  return new Map(planNames.map((name) => [name as string, plan(name)]))
}
