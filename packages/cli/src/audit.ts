import type { Command } from 'commander'
import { callService } from './call-service.ts'
import { readMoment } from './moment.ts'
import { printJson, table } from './print.ts'
import { findAll, type Service, type ServiceName, serviceOption, urlOption } from './services.ts'

type Entry = {
  at: string
  key: string
  address: string | null
  method: string
  path: string
  status: number
  code: string | null
  subject: string | null
  before: unknown
  after: unknown
}
type Found = Entry & { service: ServiceName }
type Page = { data: Entry[]; next_cursor: string | null }
type Options = { service?: ServiceName; since: string; order?: string; key?: string; json?: boolean }

/** Who changed what. */
export function addAudit(program: Command): void {
  program
    .command('audit')
    .summary('who changed what')
    .description('What was changed by the API, or refused, at all services or at one, newest first')
    .option(
      '--since <when>',
      'since: 30m, 2h, 7d ago, or a time',
      (text) => readMoment(text),
      readMoment('7d'),
    )
    .option('--order <id>', 'only what is about this order')
    .option('--key <name>', 'only what was done with this API key')
    .option('--json', 'as one line of JSON, with what was before and after')
    .addOption(serviceOption())
    .addOption(urlOption())
    .action(async ({ service, json, ...filter }: Options, command: Command) => {
      const services = findAll(command, service)
      const found = (await Promise.all(services.map((one) => entriesOf(one, filter)))).flat()
      found.sort((one, other) => other.at.localeCompare(one.at))
      if (json) printJson({ audit: found })
      else process.stdout.write(table(head, found.map(row)))
    })
}

async function entriesOf(service: Service, { since, order, key }: Options): Promise<Found[]> {
  const entries: Found[] = []
  for (let after: string | null = ''; after !== null; ) {
    const query = new URLSearchParams({
      since,
      limit: '100',
      ...(order && { subject: order }),
      ...(key && { key }),
      ...(after && { starting_after: after }),
    })
    const page: Page = await callService(service, 'GET', `/admin/audit?${query}`)
    entries.push(...page.data.map((entry) => ({ service: service.name, ...entry })))
    after = page.next_cursor
  }
  return entries
}

const head = ['at (UTC)', 'service', 'key', 'from', 'what', 'result', 'changed']

function row({ at, service, key, address, method, path, status, code, before, after }: Found): string[] {
  return [
    at.slice(0, 19).replace('T', ' '),
    service,
    key,
    address ?? '–',
    `${method} ${path}`,
    code ?? String(status),
    changesOf(before, after),
  ]
}

/** `amount 999 → 1; name "Small" → "Tiny"`: the fields in which they differ. */
function changesOf(before: unknown, after: unknown): string {
  if (!isObject(after)) return isObject(before) ? 'removed' : ''
  if (!isObject(before)) return `→ ${JSON.stringify(after)}`
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names
    .map((name) => [name, JSON.stringify(before[name]) ?? '–', JSON.stringify(after[name]) ?? '–'])
    .filter(([, from, to]) => from !== to)
    .map(([name, from, to]) => `${name} ${from} → ${to}`)
    .join('; ')
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
