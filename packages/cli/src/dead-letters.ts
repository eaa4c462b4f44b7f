import type { Command } from 'commander'
import { callService } from './call-service.ts'
import { Failure } from './failure.ts'
import { readMoment } from './moment.ts'
import { countsInWords, printJson, printLine, table } from './print.ts'
import { findAll, findService, type Service, type ServiceName, serviceOption, urlOption } from './services.ts'

type Letter = {
  id: string
  type: string
  class: string
  attempts: number
  created_at: string
  last_error: string
}
type Filter = { class?: string; type?: string; since?: string; until?: string }
type Options = Filter & { service: ServiceName; all?: boolean; note: string; json?: boolean }
type Redriven = { results: { id: string; outcome: string; detail: string | null }[]; remaining: number }

const path = '/admin/dead-letters'

/** Events that no retry helped: to look at, to decide again, or to close with a word about what was done. */
export function addDeadLetters(program: Command): void {
  const letters = program.command('dead-letters').summary('events that no retry helps')
  filtered(letters.command('list').description('The open ones, of all services or of one'))
    .addOption(serviceOption())
    .action(async ({ service, json, ...filter }: Partial<Options>, command: Command) => {
      const services = findAll(command, service)
      const found = (await Promise.all(services.map((one) => lettersOf(one, filter)))).flat()
      if (json) printJson({ dead_letters: found })
      else process.stdout.write(table(head, found.map(row)))
    })
  chosen(letters.command('redrive').description('Decides them again, a hundred at most')).action(
    async (ids: string[], options: Options, command: Command) => {
      const body = which(ids, options)
      const service = findService(command, options.service)
      const redriven = await callService<Redriven>(service, 'POST', `${path}/redrive`, body)
      showRedriven(redriven, options.json === true)
    },
  )
  chosen(letters.command('resolve').description('Closes them without deciding anything'))
    .requiredOption('--note <text>', 'what was done about them')
    .action(async (ids: string[], options: Options, command: Command) => {
      const body = { ...which(ids, options), note: options.note }
      const service = findService(command, options.service)
      const answer = await callService<{ resolved: number }>(service, 'POST', `${path}/resolve`, body)
      if (options.json) printJson(answer)
      printLine(`${answer.resolved} resolved.`)
    })
}

function chosen(command: Command): Command {
  return filtered(command)
    .argument('[ids...]', 'the ids of the events')
    .addOption(serviceOption().makeOptionMandatory())
    .option('--all', 'instead of ids or a filter: every open one')
}

function filtered(command: Command): Command {
  return command
    .option('--class <class>', 'only those of this class, such as failed_too_often')
    .option('--type <type>', 'only events of this type')
    .option('--since <when>', 'only those since: 30m, 2h, 7d ago, or a time', (text) => readMoment(text))
    .option('--until <when>', 'only those until then', (text) => readMoment(text))
    .option('--json', 'as one line of JSON')
    .addOption(urlOption())
}

function which(ids: string[], options: Options): { ids: string[] } | { filter: Filter } {
  const filter = filterOf(options)
  const isFiltered = Object.keys(filter).length > 0
  if ([ids.length > 0, isFiltered, options.all === true].filter(Boolean).length !== 1)
    throw new Failure('Name them: by ids, by a filter, or by --all.', undefined, 2)
  return ids.length > 0 ? { ids } : { filter }
}

function filterOf(options: Filter): Filter {
  const names = ['class', 'type', 'since', 'until'] as const
  return Object.fromEntries(names.flatMap((name) => (options[name] ? [[name, options[name]]] : [])))
}

async function lettersOf(service: Service, filter: Filter): Promise<(Letter & { service: string })[]> {
  const letters: (Letter & { service: string })[] = []
  for (let after: string | null = ''; after !== null; ) {
    const query = new URLSearchParams({
      ...filterOf(filter),
      limit: '100',
      ...(after && { starting_after: after }),
    })
    const page: { data: Letter[]; next_cursor: string | null } = await callService(
      service,
      'GET',
      `${path}?${query}`,
    )
    letters.push(...page.data.map((letter) => ({ service: service.name, ...letter })))
    after = page.next_cursor
  }
  return letters
}

function showRedriven(redriven: Redriven, json: boolean): void {
  const { results, remaining } = redriven
  if (json) printJson(redriven)
  else
    process.stdout.write(
      table(
        ['event', 'outcome', 'why'],
        results.map((one) => [one.id, one.outcome, one.detail ?? '']),
      ),
    )
  const counts: Record<string, number> = {}
  for (const { outcome } of results) counts[outcome] = (counts[outcome] ?? 0) + 1
  printLine(`${countsInWords(counts)}; ${remaining} remain open.`)
  const helpless = (counts.dead ?? 0) + (counts.failed ?? 0) + (counts.unreadable ?? 0)
  if (helpless > 0) throw new Failure(`${helpless} are still dead letters.`)
}

const head = ['service', 'event', 'type', 'class', 'attempts', 'since', 'last error']

function row({
  service,
  id,
  type,
  class: name,
  attempts,
  created_at,
  last_error,
}: Letter & { service: string }) {
  return [service, id, type, name, String(attempts), created_at.slice(0, 19), last_error]
}
