import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Command, Option } from 'commander'
import { Failure } from './failure.ts'

export function addRecover(program: Command): void {
  program
    .command('recover')
    .summary('bring a restored database up to date')
    .description(
      `Brings a service's database that was restored from a backup up to date out of the streams. Stop every replica of the service
first; give it the service's own environment (at least DATABASE_URL and NATS_URL; the billing gateway also asks Stripe); start the service when this has ended. It can be run again.`,
    )
    .addOption(
      new Option('--service <name>', 'which service')
        .choices(['order', 'provisioner', 'billing-gateway'])
        .makeOptionMandatory(),
    )
    .option('--json', 'print what was recovered as one line of JSON')
    .action(async ({ service, json }: { service: string; json?: boolean }) => {
      const code = await run(service, json ? ['--json'] : [])
      if (code !== 0)
        throw new Failure(
          `${service} was not recovered; what was done so far is kept.`,
          'Run it again when the cause is gone.',
        )
    })
}

// The service's own program: it alone knows its tables.
async function run(service: string, args: string[]): Promise<number> {
  const main = fileURLToPath(new URL(`../../../services/${service}/dist/main.js`, import.meta.url))
  if (!existsSync(main))
    throw new Failure(`${service} is not built.`, 'npm run check, npm test and npm start build it.')
  const missing = ['DATABASE_URL', 'NATS_URL'].filter(
    (name) => !process.env[name] && !process.env[`${name}_FILE`],
  )
  if (missing.length > 0)
    throw new Failure(
      `${missing.join(' and ')} must be set, to what ${service} itself is given.`,
      undefined,
      2,
    )
  const child = spawn(process.execPath, ['--enable-source-maps', main, 'recover', ...args], {
    stdio: 'inherit',
  })
  return await new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve(code ?? 1))
  })
}
