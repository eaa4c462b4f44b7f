import { Command, CommanderError } from 'commander'
import { addAudit } from './audit.ts'
import { addCatchUp } from './catch-up.ts'
import { addCustomers } from './customers.ts'
import { addDeadLetters } from './dead-letters.ts'
import { addDrifts } from './drifts.ts'
import { Failure } from './failure.ts'
import { addPanel } from './panel.ts'
import { plain } from './print.ts'
import { addReconcile } from './reconcile.ts'
import { addRecover } from './recover.ts'
import { addRefunds } from './refunds.ts'
import { addReplay } from './replay.ts'
import { addReplays } from './replays.ts'
import { addSecrets } from './secrets.ts'
import { addStatus } from './status.ts'

const places = `
Where the services are: SPAWNPOINT_ORDER_URL, SPAWNPOINT_BILLING_GATEWAY_URL and SPAWNPOINT_PROVISIONER_URL, or what a local
npm start has written down. Results go to stdout (as JSON with --json), everything else to stderr.
Exit codes: 0 done, 1 failed, 2 not understood, 3 (status) something is not healthy.`

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const program = new Command('spawnpoint')
    .description("The operator's command: looks at the services of Spawnpoint, and repairs.")
    .option('--api-key <secret>', 'opens the services (SPAWNPOINT_API_KEY, or the local npm start)')
    .addHelpText('after', places)
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
  addStatus(program)
  addReplay(program)
  addReplays(program)
  addDeadLetters(program)
  addReconcile(program)
  addRecover(program)
  addRefunds(program)
  addCatchUp(program)
  addPanel(program)
  addDrifts(program)
  addSecrets(program)
  addAudit(program)
  addCustomers(program)
  // A subcommand inherits nothing that its parent is given after it was made.
  everyCommand(program, (command) => command.exitOverride())
  try {
    await program.parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof Failure)) throw error
    process.stderr.write(`${plain(error.message)}\n${error.next ? `→ ${error.next}\n` : ''}`)
    return error.exitCode
  }
}

function everyCommand(command: Command, work: (command: Command) => void): void {
  for (const child of command.commands) {
    work(child)
    everyCommand(child, work)
  }
}
