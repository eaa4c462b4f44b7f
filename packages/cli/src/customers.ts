import { createInterface } from 'node:readline/promises'
import { setTimeout as delay } from 'node:timers/promises'
import type { Command } from 'commander'
import { callService } from './call-service.ts'
import { Failure } from './failure.ts'
import { countsInWords, printJson, printLine } from './print.ts'
import { findService, type Service, type ServiceName } from './services.ts'

type Subject = { order_ids: string[] }
type Part = {
  blockers: { record: string; why: string; next: string }[]
  erased: Record<string, number>
  unpublished: number
  next: string | null
  remains: string[]
}
type Forgotten = Omit<Part, 'next'>
type Options = { dryRun?: boolean; yes?: boolean; json?: boolean }

// The order service last: by its orders a run that was killed finds the customer again.
const inOrder = ['billing-gateway', 'provisioner', 'order'] as const satisfies ServiceName[]
const unreached = [
  'Backups of the databases and of NATS keep the customer until you remove them; after restoring one, run this again.',
  "Logs name orders and Stripe's ids, no addresses and names; panels, proxies and your shop have logs of their own.",
]

/** What is stored about a customer. */
export function addCustomers(program: Command): void {
  const customers = program.command('customers').summary('what is stored about a customer')
  const whom = 'the e-mail address of their orders, or your own id of them'
  customers
    .command('export')
    .description('Everything that the three services have stored about a customer, as one JSON')
    .argument('<customer>', whom)
    .action(async (customer: string, _: object, command: Command) => {
      const subject = await findSubject(command, customer)
      const records: Record<string, unknown> = {}
      for (const name of inOrder) {
        const service = findService(command, name)
        const answer = await callService<{ records: object }>(service, 'POST', '/admin/customers/export', {
          subject,
        })
        records[name] = answer.records
      }
      printJson({ subject, records })
    })
  customers
    .command('forget')
    .description(
      `Erases a customer's addresses, names and texts from all services; what was sold and paid stays. First prints what would be
erased, what stays and why, and asks; --yes does it without a word, --dry-run never does it. Run it again after it was
interrupted: it goes on, and what is erased already changes no more.`,
    )
    .argument('<customer>', whom)
    .option('--dry-run', 'only says what would be erased')
    .option('--yes', 'does not ask')
    .option('--json', 'as one line of JSON')
    .action(async (customer: string, options: Options, command: Command) => {
      const subject = await findSubject(command, customer)
      const previewed = await forgetAt(command, subject, true)
      report(subject, previewed, { ...options, dryRun: true })
      refuseBlocked(previewed)
      if (options.dryRun || !(await isConfirmed(subject, options))) return
      report(subject, await forgetAt(command, subject, false), { ...options, dryRun: false })
    })
}

function findSubject(command: Command, customer: string): Promise<Subject> {
  return callService(findService(command, 'order'), 'POST', '/admin/customers/find', { customer })
}

type Result = Record<string, Forgotten>

async function forgetAt(command: Command, subject: Subject, dryRun: boolean): Promise<Result> {
  const found: Result = {}
  for (const name of inOrder) found[name] = await forgetIn(findService(command, name), subject, dryRun)
  return found
}

/** A part at a time, and once more where something was about to be published as it was before. */
async function forgetIn(service: Service, subject: Subject, dryRun: boolean): Promise<Forgotten> {
  const whole: Forgotten = { blockers: [], erased: {}, unpublished: 0, remains: [] }
  for (let attempt = 1; ; attempt += 1) {
    const first = await forgetOnce(service, { subject, dryRun, whole })
    if (dryRun || first.unpublished === 0) return whole
    if (attempt === publishedWithin / pauseMs)
      throw new Failure(
        `${service.name} has ${first.unpublished} events about this customer that are not published yet.`,
        'npx spawnpoint status says why; then run the same command again.',
      )
    await delay(pauseMs)
  }
}

const pauseMs = 500
const publishedWithin = 30_000

async function forgetOnce(
  service: Service,
  { subject, dryRun, whole }: { subject: Subject; dryRun: boolean; whole: Forgotten },
): Promise<Part> {
  let first: Part | undefined
  for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
    const part: Part = await callService(service, 'POST', '/admin/customers/forget', {
      ...{ subject, cursor },
      dry_run: dryRun,
    })
    first ??= part
    for (const [table, count] of Object.entries(part.erased))
      whole.erased[table] = (whole.erased[table] ?? 0) + count
    cursor = part.next
  }
  if (!first) throw new Error('The first part was asked for')
  Object.assign(whole, { blockers: first.blockers, remains: first.remains })
  return first
}

function report({ order_ids }: Subject, found: Result, { json, dryRun }: Options): void {
  if (json) printJson({ order_ids, dry_run: dryRun, services: found, unreached })
  else for (const [name, { erased }] of Object.entries(found)) printRow(name, erased)
  const remains = Object.values(found).flatMap((service) => service.remains)
  printLine(`${dryRun ? 'Would be' : 'Was'} erased for ${order_ids.length} orders; what stays:`)
  for (const line of [...remains, ...unreached]) printLine(`- ${line}`)
}

function printRow(name: string, erased: Record<string, number>): void {
  process.stdout.write(`${name.padEnd(16)} ${countsInWords(erased)}\n`)
}

function refuseBlocked(found: Result): void {
  const blockers = Object.values(found).flatMap((service) => service.blockers)
  const [first] = blockers
  if (!first) return
  for (const { record, why, next } of blockers) printLine(`${record}: ${why}. ${next}`)
  throw new Failure(
    `This customer is still needed, for ${blockers.length === 1 ? 'one reason' : `${blockers.length} reasons`}: nothing was erased.`,
    first.next,
  )
}

async function isConfirmed({ order_ids }: Subject, { yes, json }: Options): Promise<boolean> {
  if (yes) return true
  if (json || !process.stdin.isTTY || !process.stderr.isTTY) {
    printLine('Nothing was changed. Add --yes to do it.')
    return false
  }
  const asking = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await asking.question(
    `Forget the customer of ${order_ids.length} orders? This cannot be undone. [y/N] `,
  )
  asking.close()
  return /^y(es)?$/i.test(answer.trim())
}
