import { type Command, Option } from 'commander'
import { callService } from './call-service.ts'
import { printJson, printLine, table } from './print.ts'
import { findService, urlOption } from './services.ts'

type Drift = {
  drift_id: string
  /** Absent from services that predate several panels. */
  panel?: string
  kind: string
  state: string
  order_id: string | null
  finding: string
  repair: string
}
type Page = { data: Drift[]; next_cursor: string | null }
type Swept = {
  servers: number
  found: number
  told: number
  over: number
  /** Absent from services that did not look for it. */
  moved?: number
  away?: { panel: string; message: string }[]
}
type Options = { state: string; json?: boolean }

const path = '/admin/drifts'

/** In what the panel and the orders do not agree. */
export function addDrifts(program: Command): void {
  const drifts = program.command('drifts').summary('in what the panel and the orders do not agree')
  common(drifts.command('list').description('What was found, and what its repair would do'))
    .addOption(
      new Option('--state <state>', 'which')
        .choices(['open', 'repairing', 'ignored', 'over'])
        .default('open'),
    )
    .action(async ({ state, json }: Options, command: Command) => {
      const found = await listAll(command, state)
      if (json) printJson({ drifts: found })
      else
        process.stdout.write(table(['drift', 'panel', 'kind', 'order', 'finding', 'repair'], found.map(row)))
    })
  common(drifts.command('sweep').description('Compares each panel with the orders now')).action(
    async ({ json }: Options, command: Command) => {
      const swept = await callService<Swept>(provisionerOf(command), 'POST', `${path}/sweep`)
      if (json) printJson(swept)
      const { servers, found, told, over, moved = 0, away = [] } = swept
      printLine(`${servers} servers compared: ${found} drifts, ${told} of them new, ${over} over.`)
      if (moved > 0)
        printLine(`${moved} servers were moved on the panel: their new addresses are taken over.`)
      for (const { panel, message } of away) printLine(`The panel ${panel} was not compared: ${message}`)
    },
  )
  for (const verb of ['repair', 'ignore'] as const)
    common(drifts.command(verb).description(descriptions[verb]))
      .argument('<drift>', 'its id, as the list shows it')
      .action(async (id: string, { json }: Options, command: Command) => {
        const drift = await callService<Drift>(
          provisionerOf(command),
          'POST',
          `${path}/${encodeURIComponent(id)}/${verb}`,
        )
        if (json) printJson({ drift })
        printLine(`Drift ${id} is ${drift.state}.`)
      })
}

const descriptions = {
  repair: 'Executes its repair, which may delete a server; a later check closes the drift',
  ignore: 'Leaves it as it is, until something else is found',
}

function common(command: Command): Command {
  return command.option('--json', 'as one line of JSON').addOption(urlOption())
}

async function listAll(command: Command, state: string): Promise<Drift[]> {
  const found: Drift[] = []
  for (let after: string | null = ''; after !== null; ) {
    const query = new URLSearchParams({ state, limit: '100', ...(after && { starting_after: after }) })
    const page: Page = await callService(provisionerOf(command), 'GET', `${path}?${query}`)
    found.push(...page.data)
    after = page.next_cursor
  }
  return found
}

function provisionerOf(command: Command) {
  return findService(command, 'provisioner')
}

function row({ drift_id, panel = 'main', kind, order_id, finding, repair }: Drift): string[] {
  return [drift_id, panel, kind, order_id ?? '–', finding, repair]
}
