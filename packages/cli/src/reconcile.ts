import { createInterface } from 'node:readline/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { type Command, Option } from 'commander'
import { callService } from './call-service.ts'
import { Failure } from './failure.ts'
import { printJson, printLine, table } from './print.ts'
import { findService, type Service } from './services.ts'

type Difference = {
  difference_id: string
  kind: string
  order_id: string | null
  payment_id: string | null
  finding: string
  repair: string
  confirmation: string | null
}
type Drift = { drift_id: string; kind: string; order_id: string | null; finding: string; repair: string }
type Page<Thing> = { data: Thing[]; next_cursor: string | null }
type Options = { json?: boolean; fix?: boolean; confirm: string[] }
type Report = {
  stripe: Record<string, unknown>
  panel: Record<string, unknown>
  compared: Record<string, unknown>
  differences: Difference[]
  drifts: Drift[]
}

/** Adds `reconcile`: Stripe, the orders and the panel compared now, and what settles each difference. */
export function addReconcile(program: Command): void {
  program
    .command('reconcile')
    .description(
      'Compares Stripe, the orders and the panel now; each discrepancy names the one repair that settles it',
    )
    .option('--json', 'as one line of JSON')
    .option('--fix', 'repairs what moves no money and deletes nothing, and asks about the rest')
    .addOption(
      new Option(
        '--confirm <words>',
        'with --fix: the words that a repair asks for; may be given several times',
      )
        .argParser((words: string, before: string[]) => [...before, words])
        .default([]),
    )
    .action(async (options: Options, command: Command) => {
      const before = await reconcileNow(command)
      const repaired = options.fix ? await repairAll(command, before.differences, options) : []
      if (options.json) printJson({ ...before, repaired })
      else show(before)
    })
}

// The ends first: what we missed at Stripe, and what the panel really shows.
async function reconcileNow(command: Command): Promise<Report> {
  const [order, gateway, provisioner] = [
    findService(command, 'order'),
    findService(command, 'billing-gateway'),
    findService(command, 'provisioner'),
  ]
  const stripe = await catchUp(gateway)
  const panel = await callService<Record<string, unknown>>(provisioner, 'POST', '/admin/drifts/sweep')
  const compared = await callService<Record<string, unknown>>(order, 'POST', '/admin/reconcile')
  const differences = await listAll<Difference>(command, 'order', '/admin/differences', ['open', 'repairing'])
  const drifts = await listAll<Drift>(command, 'provisioner', '/admin/drifts', ['open', 'repairing'])
  return { stripe, panel, compared, differences, drifts }
}

type CatchUp = { is_over: boolean; error: string | null; report: Record<string, unknown> }

async function catchUp(gateway: Service): Promise<Record<string, unknown>> {
  await callService(gateway, 'POST', '/admin/catch-up')
  for (;;) {
    const { is_over, error, report } = await callService<CatchUp>(gateway, 'GET', '/admin/catch-up')
    if (is_over && error !== null) throw new Failure(`Stripe could not be compared with: ${error}`)
    if (is_over) return report
    await delay(200)
  }
}

async function listAll<Thing>(
  command: Command,
  name: 'order' | 'provisioner',
  path: string,
  states: string[],
): Promise<Thing[]> {
  const found: Thing[] = []
  for (const state of states)
    for (let after: string | null = ''; after !== null; ) {
      const query = new URLSearchParams({ state, limit: '100', ...(after && { starting_after: after }) })
      const page: Page<Thing> = await callService(findService(command, name), 'GET', `${path}?${query}`)
      found.push(...page.data)
      after = page.next_cursor
    }
  return found
}

async function repairAll(command: Command, differences: Difference[], options: Options): Promise<string[]> {
  const repaired: string[] = []
  for (const difference of differences) {
    const confirm = await confirmationOf(difference, options)
    if (confirm === null) continue
    const { difference_id: id, repair } = difference
    await callService(findService(command, 'order'), 'POST', `/admin/differences/${id}/repair`, confirm)
    repaired.push(id)
    printLine(`${id}: ${repair}`)
  }
  return repaired
}

/** The body of the repair; null without confirmation. */
async function confirmationOf(
  { confirmation, finding, repair }: Difference,
  { confirm, json }: Options,
): Promise<{ confirm?: string } | null> {
  if (confirmation === null) return {}
  if (confirm.includes(confirmation)) return { confirm: confirmation }
  if (json || !process.stdin.isTTY) {
    printLine(`Not done: ${repair} To have it done: --confirm ${JSON.stringify(confirmation)}`)
    return null
  }
  const line = createInterface({ input: process.stdin, output: process.stderr })
  const words = await line.question(`${finding}\n${repair}\nType “${confirmation}” to have it done: `)
  line.close()
  return words.trim() === confirmation ? { confirm: confirmation } : null
}

function show({ stripe, compared, differences, drifts }: Report): void {
  printLine(`Stripe: ${inWords(stripe)}\nCompared: ${inWords(compared)}`)
  const rows = [
    ...differences.map(({ kind, order_id, payment_id, finding, repair }) => [
      kind,
      order_id ?? payment_id ?? '–',
      `${finding} → ${repair}`,
    ]),
    ...drifts.map(({ kind, order_id, finding, repair }) => [kind, order_id ?? '–', `${finding} → ${repair}`]),
  ]
  if (rows.length === 0) printLine('Stripe, the orders and the panel agree.')
  else process.stdout.write(table(['difference', 'order', 'what was found → what settles it'], rows))
  if (drifts.length > 0)
    printLine('What differs on the panel is settled by: npx spawnpoint drifts list, then drifts repair ID')
}

function inWords(counts: Record<string, unknown>): string {
  return Object.entries(counts)
    .map(([name, count]) => `${name} ${typeof count === 'object' && count !== null ? tally(count) : count}`)
    .join(', ')
}

// Of what was looked at only that counts which was not in order.
function tally({ looked_at: lookedAt, ...rest }: { looked_at?: unknown }): string {
  const found = Object.entries(rest).filter(([, count]) => count !== 0)
  const inBrackets = found.map(([name, count]) => `${count} ${name}`).join(', ')
  return `${lookedAt}${inBrackets && ` (${inBrackets})`}`
}
