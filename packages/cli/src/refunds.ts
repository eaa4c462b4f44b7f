import { type Command, Option } from 'commander'
import { callService } from './call-service.ts'
import { printJson, printLine, table } from './print.ts'
import { findService, urlOption } from './services.ts'

type Refund = {
  refund_request_id: string
  order_id: string
  payment_id: string
  amount: { amount: number; currency: string }
  reason: string
  status: string
  note: string | null
  error: string | null
}
type Page = { data: Refund[]; next_cursor: string | null }
type Options = { status?: string; json?: boolean }

const path = '/admin/refunds'
const statuses = ['waiting', 'approved', 'sent', 'done', 'refused', 'failed']

/** Money that is to go back to buyers. */
export function addRefunds(program: Command): void {
  const refunds = program.command('refunds').summary('money that is to go back to buyers')
  common(refunds.command('list').description('What is asked for, and how far it is, newest first'))
    .addOption(new Option('--status <status>', 'only those').choices(statuses))
    .action(async ({ status, json }: Options, command: Command) => {
      const found = await listAll(command, status)
      if (json) printJson({ refunds: found })
      else process.stdout.write(table(head, found.map(row)))
    })
  common(refunds.command('approve').description('Lets it go back; tries again what failed'))
    .argument('<refund...>', 'ids, as the list shows them')
    .action((ids: string[], { json }: Options, command: Command) =>
      decideEach(command, ids, { verb: 'approve', json }),
    )
  common(refunds.command('refuse').description('Keeps the money'))
    .argument('<refund...>', 'ids, as the list shows them')
    .requiredOption('--reason <text>', 'why, for whoever asks later')
    .action((ids: string[], { json, reason }: Options & { reason: string }, command: Command) =>
      decideEach(command, ids, { verb: 'refuse', json, body: { reason } }),
    )
}

async function decideEach(
  command: Command,
  ids: string[],
  { verb, json, body }: { verb: string; json?: boolean | undefined; body?: object },
): Promise<void> {
  const decided: Refund[] = []
  for (const id of ids) {
    const refund = await callService<Refund>(
      gatewayOf(command),
      'POST',
      `${path}/${encodeURIComponent(id)}/${verb}`,
      body,
    )
    decided.push(refund)
    printLine(`Refund ${id} is ${refund.status}.`)
  }
  if (json) printJson({ refunds: decided })
}

async function listAll(command: Command, status: string | undefined): Promise<Refund[]> {
  const found: Refund[] = []
  for (let after: string | null = ''; after !== null; ) {
    const query = new URLSearchParams({
      limit: '100',
      ...(status && { status }),
      ...(after && { starting_after: after }),
    })
    const page: Page = await callService(gatewayOf(command), 'GET', `${path}?${query}`)
    found.push(...page.data)
    after = page.next_cursor
  }
  return found
}

function common(command: Command): Command {
  return command.option('--json', 'as one line of JSON').addOption(urlOption())
}

function gatewayOf(command: Command) {
  return findService(command, 'billing-gateway')
}

const head = ['refund', 'status', 'amount', 'payment', 'order', 'note']

function row({ refund_request_id, status, amount, payment_id, order_id, ...details }: Refund): string[] {
  return [
    refund_request_id,
    status,
    `${amount.amount} ${amount.currency}`,
    payment_id,
    order_id,
    details.error ?? details.note ?? details.reason,
  ]
}
