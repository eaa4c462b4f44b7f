import type { Panel } from '@spawnpoint/panel-simulator'
import type { StripeSimulator } from '@spawnpoint/stripe-simulator'
import type { ChaosArguments } from './arguments.ts'
import type { Receipt } from './buyer.ts'
import type { Counts } from './counts.ts'
import type { Finding } from './ledger.ts'
import type { Environment } from './open-environment.ts'
import type { Targets } from './open-targets.ts'
import { type Verdict, verdicts } from './seen.ts'

export type Summary = Record<Verdict, number> & {
  /** Orders that the shop did not take in all that time. */
  unplaced: number
  /** Subscriptions that are legitimately in between at the end, such as while a dispute is open: counted neither way. */
  undecided: number
  /** What people did with their subscriptions meanwhile. */
  actions: Record<string, number>
  kills: Record<string, number>
  /** Given to us, and so not ours to kill. */
  spared: string[]
  faults: Record<string, number>
  /** Processes that ended although nobody had asked them to. */
  crashes: Record<string, number>
  seconds: number
  timeScale: number
  seed: number
  orders: number
  paid: number
  subscriptions: number
  servers: { mysql: string; nats: string }
}

export function summarise({
  options: { seed, timeScale },
  environment: { mysql, nats, panel, stripe },
  targets,
  counted,
  findings,
  receipts,
  undecided,
  seconds,
}: {
  options: Pick<ChaosArguments, 'seed' | 'timeScale'>
  environment: Environment
  targets: Targets
  counted: Counts
  findings: readonly Finding[]
  receipts: readonly Receipt[]
  undecided: number
  seconds: number
}): Summary {
  const count = (wanted: Verdict) => findings.filter(({ verdict }) => verdict === wanted).length
  return {
    lost: count('lost'),
    doubled: count('doubled'),
    stuck: count('stuck'),
    orphaned: count('orphaned'),
    wrong: count('wrong'),
    harmed: count('harmed'),
    freeloading: count('freeloading'),
    undecided,
    unplaced: receipts.filter(({ order, orderId }) => order.from === 'shop' && orderId === null).length,
    actions: counted.of('actions'),
    kills: counted.of('kills'),
    spared: mysql.own ? [] : ['mysql'],
    faults: { ...counted.of('faults'), ...firedFaults(panel, stripe) },
    crashes: crashesOf(targets),
    seconds,
    timeScale,
    seed,
    orders: receipts.length,
    paid: receipts.filter(({ paid }) => paid !== null).length,
    subscriptions: receipts.filter(({ subscriptionId }) => subscriptionId !== null).length,
    servers: { mysql: mysql.version, nats: nats.version },
  }
}

export function isClean(summary: Summary): boolean {
  return summary.unplaced === 0 && verdicts.every((verdict) => summary[verdict] === 0)
}

function crashesOf(targets: Targets): Record<string, number> {
  const counts = Object.entries(targets).map(([name, { crashes }]) => [name, crashes().length] as const)
  return Object.fromEntries(counts.filter(([, times]) => times > 0))
}

/** How often each trouble of the two simulators really hit somebody. */
function firedFaults(panel: Panel, stripe: StripeSimulator): Record<string, number> {
  const fired = new Map<string, number>()
  const add = (where: string, { do: action, fired: times }: Fired) => {
    const name = `${where}_${action.status ?? action.kind.replaceAll('-', '_')}`
    if (times > 0) fired.set(name, (fired.get(name) ?? 0) + times)
  }
  for (const fault of panel.state().faults) add('panel', fault)
  for (const fault of stripe.state().faults) add('stripe', fault)
  return Object.fromEntries([...fired].toSorted())
}

type Fired = { fired: number; do: { kind: string; status?: number } }
