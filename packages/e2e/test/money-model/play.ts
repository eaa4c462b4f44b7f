import { act } from './actions.ts'
import { graceS, openCheck, tickS } from './check.ts'
import { openDelivery } from './delivery.ts'
import { countMove } from './moves.ts'
import { openOracle } from './oracle.ts'
import { type Decided, type Mutant, openProduct, policy } from './product.ts'
import type { Scenario } from './scenario.ts'
import { openStripeApi } from './stripe-api.ts'
import {
  dateOf,
  openStripeEnvironment,
  orderId,
  orderMetadata,
  plans,
  type StripeEnvironment,
} from './stripe-environment.ts'

export type Played = { violations: string[]; report: string[] }
type Options = { mutant?: Mutant | null; withReport?: boolean }

const hour = 3_600
const day = 24 * hour
const year = 365 * day
/** Stops the clock, for what has to be waited for or is not right. */
const interrupted = new Error('the clock stops')

/** One year of one customer. Stops at the first thing that is not right. */
export async function play(
  scenario: Scenario,
  { mutant = null, withReport = false }: Options = {},
): Promise<Played> {
  const environment = openStripeEnvironment(scenario)
  const { stripe, account } = environment
  const { seconds, agenda } = account
  const begun = seconds()
  const { lines, report } = openReport(seconds, withReport)
  const calls: (() => Promise<unknown>)[] = []
  let sweptAt = 0
  let isSweeping = false
  let keptAt = 0
  let unset = () => {}

  const delivery = openDelivery(environment, scenario, {
    report,
    arrive: (event) => moment(() => understand(event)),
  })
  const check = openCheck({
    ...{ oracle: openOracle(account, termsOf(scenario)), product: () => product, seconds, report },
    changes: account.events.size,
    isBusy: () => (account.events.all().at(-6)?.created ?? 0) > seconds() - hour,
    changedAt: () => account.events.all().at(-1)?.created ?? begun,
    isKnowable: (since) => !isSweeping && (sweptAt > since || delivery.hasBroughtAllSince(sweptAt)),
  })
  const api = openStripeApi(environment, {
    call: (method, path, params, then) => {
      const isEnd = 'cancel_at_period_end' in params && params.cancel_at_period_end === true
      if (isEnd && keptAt > (account.refunds.all().at(-1)?.created ?? 0))
        check.wrong('harmed', 'it is told to end again, which somebody has undone')
      report('decided', () => `${method} ${path} ${JSON.stringify(params)}`)
      calls.push(() => environment.call(method, path, params).then(() => moment(then)))
      agenda.add(seconds() + 1, stopClock)
    },
  })
  const product = openProduct({
    ...{
      orderId,
      mutant,
      plans: plansForSale(scenario.policy),
      plan: scenario.sale.plan,
      api,
      answersFirst: scenario.answersFirst,
    },
    decided: (decided) => {
      report('decided', () => sentenceOf(decided))
      check.decided(decided)
    },
  })

  // Whatever happens, it is looked whether all is right before and after.
  function moment(what: () => void): void {
    check.run()
    what()
    product.tick()
    check.run()
    if (isDecided()) stopClock()
    wake()
  }

  function understand(event: Parameters<typeof product.processEvent>[0]): void {
    try {
      product.processEvent(event)
    } catch (error) {
      check.wrong(
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
    if (scenario.sweepEvery === null) return
    agenda.add(seconds() + scenario.sweepEvery * hour, () => {
      report('catch-up', () => 'looks at all objects')
      moment(() => {
        isSweeping = true
        for (const event of delivery.takeListed()) understand(event)
        product.sweep()
        isSweeping = false
        sweptAt = seconds()
      })
      sweepAgain()
    })
  }

  /** Something is wrong, or all is over: what follows withReport nothing more. */
  function isDecided(): boolean {
    return (
      check.violations.length > 0 || (check.hasEnded() && environment.subscription()?.status === 'canceled')
    )
  }

  async function advanceTo(target: number): Promise<void> {
    while (seconds() < Math.min(target, begun + year) && !isDecided()) {
      await untilStopped(() => stripe.advanceClock((Math.min(target, begun + year) - seconds()) * 1000))
      for (const call of calls.splice(0)) await untilStopped(call)
    }
  }

  sweepAgain()
  product.sentTo(await buy(environment, scenario))
  report('action', () => `bought ${boughtIn(scenario)}`)
  let due = begun
  for (const { afterHours, action } of scenario.steps) {
    due += afterHours * hour
    await advanceTo(due)
    if (due > begun + year || isDecided()) break
    const became = await act(environment, action)
    countMove(action, became)
    if (action.do === 'cancel' && action.when === 'keep') keptAt = seconds()
    report('action', () => became)
  }
  await advanceTo(begun + year)
  return { violations: check.violations, report: lines }
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

async function buy(environment: StripeEnvironment, { trial, sale }: Scenario): Promise<string> {
  const { stripe, account } = environment
  const metadata = { ...orderMetadata, plan: sale.plan }
  const isOnce = sale.plan === 'once'
  const session = await environment.call('POST', 'checkout/sessions', {
    mode: isOnce ? 'payment' : 'subscription',
    success_url: 'https://shop.example/thanks',
    line_items: { 0: { price: `price_${sale.plan}`, quantity: 1 } },
    metadata,
    ...(isOnce
      ? { payment_intent_data: { metadata } }
      : { subscription_data: { metadata, ...(trial > 0 ? { trial_period_days: trial } : {}) } }),
  })
  if (!session) throw new Error(`no session: ${environment.refusals.at(-1)}`)
  const isDebit = sale.by !== 'card' && (isOnce || trial === 0)
  stripe.pay(session.id, isDebit ? 'async' : 'paid')
  const outcome = sale.by === 'bank_debit_fails' ? 'failed' : 'succeeded'
  const isWaiting = () => account.paymentIntents.all()[0]?.status === 'processing'
  const answer = () => void (isWaiting() && stripe.settle(session.id, outcome))
  if (isDebit) account.agenda.add(account.seconds() + 5 * day, answer)
  const customer = environment.subscription()?.customer
  if (customer && sale.by !== 'card') stripe.setCard(String(customer), sale.by)
  return session.id
}

function boughtIn({ sale, trial, policy: { full_refund, underpaid } }: Scenario): string {
  const policy = `full refund: ${full_refund}, underpaid: ${underpaid}`
  return `${sale.plan} by ${sale.by}${trial > 0 ? ` with a trial of ${trial} days` : ''} (${policy})`
}

function openReport(seconds: () => number, withReport: boolean) {
  const begun = seconds()
  const lines: string[] = []
  const days = () => ((seconds() - begun) / day).toFixed(1).padStart(5)
  const report = (who: string, what: () => string) => {
    if (withReport) lines.push(`${dateOf(seconds())} day ${days()}  ${who.padEnd(8)} ${what()}`)
  }
  return { lines, report }
}

function sentenceOf({ type, order, note, alarm }: Decided): string {
  const { billing_status, desired, paid_until } = order
  const why = `${note ? ` (${note})` : ''}${alarm ? ` ALARM ${alarm}` : ''}`
  return `${type}: ${billing_status}, ${desired}, paid until ${paid_until?.slice(0, 16) ?? '-'}${why}`
}

function termsOf({ policy: { full_refund, underpaid } }: Scenario) {
  return { graceS, fullRefund: full_refund, isUnderpaidStopped: underpaid === 'suspend' }
}

function plansForSale(wanted: Scenario['policy']) {
  const terms = { ...policy, ...wanted }
  return new Map(
    Object.entries(plans).map(([id, { amount, interval }]) => [
      id,
      { id, name: id, price: { amount, currency: 'eur' }, interval, limits: {}, policy: terms },
    ]),
  )
}
