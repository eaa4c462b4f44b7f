import type { Command } from 'commander'
import { callService } from './call-service.ts'
import { Failure } from './failure.ts'
import { countsInWords, printJson, printLine, table } from './print.ts'
import { findAll, findService, type ServiceName, serviceOption, urlOption } from './services.ts'
import { type Replay, watchReplay } from './watch-replay.ts'

type Options = { service: ServiceName; json?: boolean }

/** Replays that were begun, here or elsewhere. */
export function addReplays(program: Command): void {
  const replays = program.command('replays').summary('list, abort or resume replays')
  replays
    .command('list')
    .description('The newest replays, of all services or of one')
    .addOption(serviceOption())
    .option('--json', 'as one line of JSON')
    .addOption(urlOption())
    .action(async ({ service, json }: Partial<Options>, command: Command) => {
      const lists = await Promise.all(
        findAll(command, service).map(async (one) => {
          const { replays } = await callService<{ replays: Replay[] }>(one, 'GET', '/admin/replays')
          return replays.map((replay) => ({ service: one.name, ...replay }))
        }),
      )
      const found = lists.flat().sort((a, b) => (a.created_at < b.created_at ? 1 : -1))
      if (json) printJson({ replays: found })
      else process.stdout.write(table(head, found.map(row)))
    })
  replays
    .command('abort')
    .argument('<id>')
    .description('Stops a replay where it is')
    .addOption(serviceOption().makeOptionMandatory())
    .option('--json', 'as one line of JSON')
    .addOption(urlOption())
    .action(async (id: string, { service, json }: Options, command: Command) => {
      const found = findService(command, service)
      const replay = await callService<Replay>(
        found,
        'POST',
        `/admin/replays/${encodeURIComponent(id)}/abort`,
      )
      if (json) printJson({ replay })
      printLine(`Replay ${id} is aborted after ${replay.read} of ${replay.total} events.`)
    })
  replays
    .command('resume')
    .argument('<id>')
    .description('Goes on with a replay that was aborted, or whose service was stopped')
    .addOption(serviceOption().makeOptionMandatory())
    .option('--json', 'as one line of JSON')
    .addOption(urlOption())
    .action(async (id: string, { service, json }: Options, command: Command) => {
      const found = findService(command, service)
      const path = `/admin/replays/${encodeURIComponent(id)}/resume`
      const replay = await watchReplay(found, await callService<Replay>(found, 'POST', path))
      if (json) printJson({ replay })
      printLine(`${replay.read} read, ${countsInWords(replay.counts)}.`)
      if (replay.state !== 'done')
        throw new Failure(`The replay is ${replay.state}: ${replay.error ?? 'stopped'}.`)
    })
}

const head = ['service', 'id', 'begun', 'state', 'what', 'read', 'outcomes']

function row({
  service,
  id,
  created_at,
  state,
  kind,
  request,
  read,
  total,
  counts,
}: Replay & { service: string }) {
  const what = `${request.dry_run ? 'dry run' : kind} ${request.stream}`
  return [service, id, created_at.slice(0, 19), state, what, `${read}/${total}`, countsInWords(counts)]
}
