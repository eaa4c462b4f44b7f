import { usedTypes } from './gateway.ts'
import type { Fate, Scenario } from './scenario.ts'
import { type Event, type Invoice, nameOf, type StripeEnvironment, shown } from './stripe-environment.ts'

const hour = 3_600

type Options = { arrive: (event: Event) => void; report: (who: string, what: () => string) => void }

/** The path of Stripe's events to us, on which they are lost, late, or come twice. */
export function openDelivery(
  environment: StripeEnvironment,
  { fates }: Scenario,
  { arrive, report }: Options,
) {
  const { account } = environment
  /** When each event happened that has not arrived. */
  const missing = new Map<Event, number>()
  let count = 0

  account.onEvent((event) => {
    if (!usedTypes.has(event.type)) return
    const fate = fates[count++ % Math.max(1, fates.length)] ?? 'ok'
    report('Stripe', () => `${wordsOf(environment, event)}${fate === 'ok' ? '' : ` … ${inWords(fate)}`}`)
    const delay = typeof fate === 'string' ? 1 : fate.late * hour
    if (fate === 'lost' || delay > 1) missing.set(event, event.created)
    if (fate === 'lost') return
    const sent = sentForm(event)
    const deliver = () => {
      report('arrives', () => wordsOf(environment, event))
      arrive(sent)
      missing.delete(event)
    }
    account.agenda.add(account.seconds() + delay, deliver)
    if (fate === 'twice') account.agenda.add(account.seconds() + delay + 2 * hour, deliver)
  })

  return {
    /** What Stripe's list of events still has and no webhook brought. */
    takeListed(): Event[] {
      const listed = [...missing.keys()].map(sentForm)
      missing.clear()
      return listed
    },
    /** Whether nothing is missing that happened since then: what happened later may be about it. */
    hasBroughtAllSince: (since: number) => [...missing.values()].every((happened) => happened < since),
  }
}

function sentForm(event: Event): Event {
  return { ...event, data: { ...event.data, object: shown(event.data.object as object) } }
}

function inWords(fate: Fate): string {
  return typeof fate === 'string' ? fate : `${fate.late} h late`
}

function wordsOf(environment: StripeEnvironment, { type, data }: Event): string {
  const object = data.object as Partial<Invoice> & { id: string; object: string; amount?: number }
  const { status = '', amount_paid, total, amount = '' } = object
  if (object.object === 'invoice')
    return `${type} ${nameOf(environment, object)} ${status}, ${amount_paid} of ${total}`
  return `${type} ${status} ${object.object === 'subscription' ? '' : amount}`.trimEnd()
}
