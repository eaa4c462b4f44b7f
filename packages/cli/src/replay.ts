import { createInterface } from 'node:readline/promises'
import { type Command, InvalidArgumentError, Option } from 'commander'
import { callService } from './call-service.ts'
import { Failure } from './failure.ts'
import { type Finding, showFindings } from './findings.ts'
import { readMoment } from './moment.ts'
import { countsInWords, printJson, printLine } from './print.ts'
import { findService, type Service, type ServiceName, serviceOption, urlOption } from './services.ts'
import { type Replay, watchReplay } from './watch-replay.ts'

type Options = {
  service: ServiceName
  stream: string
  type?: string
  order?: string
  since?: string
  until?: string
  fromSeq?: number
  toSeq?: number
  includeIgnored?: boolean
  dryRun?: boolean
  rate: number
  all?: boolean
  json?: boolean
  yes?: boolean
}

export function addReplay(program: Command): void {
  program
    .command('replay')
    .summary('decide events of a stream again')
    .description(
      `Lets a service decide events of a stream again, as if they came for the first time: what it has done already is skipped.
Of the stream that the service fills itself, what the stream has lost is published again. First prints what would happen, and
asks; --yes does it without a word, --dry-run never does it.`,
    )
    .addOption(serviceOption().makeOptionMandatory())
    .addOption(
      new Option('--stream <name>', 'which stream')
        .choices(['BILLING', 'ORDER', 'SERVER'])
        .makeOptionMandatory(),
    )
    .option('--type <type>', 'only events of this type, such as payment.succeeded')
    .option('--order <id>', 'only events about this order')
    .option('--since <when>', 'only those published since: 30m, 2h, 7d ago, or a time', (text) =>
      readMoment(text),
    )
    .option('--until <when>', 'only those published until then', (text) => readMoment(text))
    .option('--from-seq <n>', "the first one's sequence in the stream", readCount)
    .option('--to-seq <n>', "the last one's", readCount)
    .option('--include-ignored', 'decide again what was ignored, too')
    .option('--dry-run', 'only print what would happen')
    .option('--rate <n>', 'decided events a second', readCount, 200)
    .option('--all', 'list what is skipped, too, the first thousand of it')
    .option('--json', 'print the replay and what became of each event as one line of JSON')
    .option('--yes', 'do it without asking')
    .addOption(urlOption())
    .addHelpText('after', examples)
    .action(async (options: Options, command: Command) =>
      replay(findService(command, options.service), options),
    )
}

async function replay(service: Service, options: Options): Promise<void> {
  if (options.dryRun || !options.yes) {
    const previewed = await runAndShow(service, options, true)
    if (options.dryRun || !(await isConfirmed(previewed, options))) return
  }
  await runAndShow(service, options, false)
}

async function runAndShow(service: Service, options: Options, dryRun: boolean): Promise<Replay> {
  const begun = await callService<Replay>(service, 'POST', '/admin/replays', requestOf(options, dryRun))
  const ended = await watchReplay(service, begun)
  const findings = await findingsOf(service, ended.id)
  if (options.json) printJson({ replay: ended, findings })
  else
    process.stdout.write(showFindings(findings, { all: options.all === true || options.order !== undefined }))
  const what = dryRun ? 'Dry run' : ended.kind === 'republish' ? 'Publishing again' : 'Replay'
  printLine(
    `${what} of ${options.stream} at ${service.name}: ${ended.read} read, ${countsInWords(ended.counts)}.${dryRun ? ' Nothing was changed.' : ''}`,
  )
  if (ended.state === 'failed')
    throw new Failure(
      `The replay failed: ${ended.error}`,
      dryRun ? undefined : `spawnpoint replays resume ${ended.id} --service ${service.name}`,
    )
  if (ended.state === 'aborted') throw new Failure('It did not come to its end.')
  if (ended.counts.failed) throw new Failure(`${ended.counts.failed} events could not be decided: see above.`)
  return ended
}

async function isConfirmed({ counts }: Replay, { json }: Options): Promise<boolean> {
  const { skipped = 0, refused = 0, unreadable = 0, ...rest } = counts
  const count = Object.values(rest).reduce((sum, n) => sum + n, 0)
  if (count === 0) {
    printLine('There is nothing to do.')
    return false
  }
  if (json || !process.stdin.isTTY || !process.stderr.isTTY) {
    printLine('Add --yes to do it.')
    return false
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await asking.question(`Do it for real, for ${count} events? [y/N] `)
  asking.close()
  return /^y(es)?$/i.test(answer.trim())
}

async function findingsOf(service: Service, id: string): Promise<Finding[]> {
  const found: Finding[] = []
  for (let after: number | null = 0; after !== null; ) {
    const page: { findings: Finding[]; next_after: number | null } = await callService(
      service,
      'GET',
      `/admin/replays/${id}/findings?limit=500&after=${after}`,
    )
    found.push(...page.findings)
    after = page.next_after
  }
  return found
}

function requestOf(options: Options, dryRun: boolean) {
  const { stream, type, order, since, until, fromSeq, toSeq, rate } = options
  return {
    stream,
    type,
    order,
    since,
    until,
    from_seq: fromSeq,
    to_seq: toSeq,
    rate,
    include_ignored: options.includeIgnored ?? false,
    dry_run: dryRun,
  }
}

function readCount(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It is a whole number from 1 on.')
  return Number(text)
}

const examples = `
Examples:
  spawnpoint replay --service order --stream BILLING --since 2h --dry-run
  spawnpoint replay --service provisioner --stream ORDER --order 749eb9d5-e210-553d-be91-e18790207abb
  spawnpoint replay --service order --stream ORDER --yes      publish again what the stream has lost`
