import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Panel } from '@spawnpoint/panel-simulator'
import { owning } from '@spawnpoint/stack'
import type { ChaosArguments } from './arguments.ts'
import { awaitQuiet } from './await-quiet.ts'
import { buy } from './buyer.ts'
import { tellCatalogue } from './catalogue.ts'
import { createCounts } from './counts.ts'
import { createInject } from './inject.ts'
import { type Finding, undecided } from './ledger.ts'
import { createMonths } from './live-months.ts'
import { openEnvironment } from './open-environment.ts'
import { openTargets } from './open-targets.ts'
import { runSchedule } from './run-schedule.ts'
import { createSchedule } from './schedule.ts'
import { openShop } from './shop.ts'
import { isClean, type Summary, summarise } from './summary.ts'

export type Result = { summary: Summary; findings: Finding[]; dataDir: string | null }

type Options = ChaosArguments & { say: (line: string) => void; signal: AbortSignal }

/** Sells, lets months go by, breaks, waits for quiet and counts. Logs and data stay when something is wrong. */
export async function runChaos(options: Options): Promise<Result> {
  const dataDir = mkdtempSync(join(tmpdir(), 'spawnpoint-chaos-'))
  options.say(`Logs and data: ${dataDir}`)
  const result = await runIn(dataDir, options)
  if (options.keep || !isClean(result.summary)) return { ...result, dataDir }
  rmSync(dataDir, { recursive: true, force: true })
  return { ...result, dataDir: null }
}

async function runIn(dataDir: string, options: Options): Promise<Omit<Result, 'dataDir'>> {
  const { timeScale, patienceMs, say, signal } = options
  const begun = performance.now()
  await using started = owning()
  const environment = await openEnvironment({ ...options, dataDir }, started)
  const { stack, stripe, panel } = environment
  await tellCatalogue(stack)
  const shop = openShop(stack, stripe)
  const targets = openTargets(environment, { own: started.own, say })
  const counted = createCounts()

  const months = createMonths({ environment, shop, count: counted.add, say })
  const schedule = createSchedule({ ...options, mysqlIsOurs: environment.mysql.own !== null })
  say(
    `${schedule.orders.length} orders, ${schedule.steps.length} steps of the clock and ${schedule.faults.length} faults in ${schedule.loadMs / 1_000} s`,
  )
  const receipts = await runSchedule(schedule, {
    buy: (order, giveUp) => buy({ stripe, shop, timeScale, giveUp }, order),
    live: months.step,
    inject: createInject({ environment, targets, timeScale, count: counted.add }),
    afterFaults: () => Promise.all(Object.values(targets).map((target) => target.rest())),
    say,
    signal,
  })
  say('The faults are over')
  await months.finish(receipts)
  const { findings, books } = await awaitQuiet({
    receipts,
    readOrders: shop.allOrders,
    readOutside: () => months.readOutside(receipts),
    movement: () => writesTo(panel) + stripe.deliveries().length,
    stillMs: 3_000,
    patienceMs,
    say,
  })
  const seconds = Math.round((performance.now() - begun) / 1_000)
  const between = undecided(books)
  for (const line of between) say(`undecided: ${line}`)
  const counts = { findings, receipts, undecided: between.length, seconds }
  const summary = summarise({ options, environment, targets, counted, ...counts })
  const subscriptions = [...books.subscriptions]
  writeEvidence(dataDir, {
    summary,
    findings,
    schedule,
    books: { ...books, subscriptions },
    panel: panel.state(),
    stripe: stripe.state(),
  })
  return { summary, findings }
}

// Reads go on for ever: the provisioner keeps its view of the panel fresh.
function writesTo(panel: Panel): number {
  const { calls } = panel.requests()
  return Object.entries(calls).reduce(
    (sum, [route, count]) => sum + (route.startsWith('GET ') ? 0 : count),
    0,
  )
}

function writeEvidence(dataDir: string, evidence: Record<string, unknown>) {
  const directory = join(dataDir, 'evidence')
  mkdirSync(directory, { recursive: true })
  for (const [name, value] of Object.entries(evidence))
    writeFileSync(join(directory, `${name}.json`), `${JSON.stringify(value, null, 1)}\n`)
}
