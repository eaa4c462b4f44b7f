import type { Command } from 'commander'
import { callService } from './call-service.ts'
import { printJson, printLine, table } from './print.ts'
import { findService, urlOption } from './services.ts'

type Secret = { name: string; key_id: string; updated_at: string }
type Rotated = { key_id: string; rotated: string[]; kept: string[] }

/** What the provisioner keeps encrypted. */
export function addSecrets(program: Command): void {
  const secrets = program
    .command('secrets')
    .summary('list secrets, delete one, or encrypt them with a new key')
  secrets
    .command('list')
    .description('Their names and the keys that encrypt them, never their values')
    .option('--json', 'as one line of JSON')
    .addOption(urlOption())
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const found = await callService<{ secrets: Secret[] }>(provisionerOf(command), 'GET', path)
      if (json) printJson(found)
      else process.stdout.write(table(['secret', 'key', 'since'], found.secrets.map(row)))
    })
  secrets
    .command('delete <name>')
    .description('Forgets a secret; without panel_token, the key for the panel main is PANEL_TOKEN again')
    .addOption(urlOption())
    .action(async (name: string, _: unknown, command: Command) => {
      await callService(provisionerOf(command), 'DELETE', `${path}/${encodeURIComponent(name)}`)
      printLine(`${name} is forgotten.`)
    })
  secrets
    .command('rotate')
    .description(
      `Encrypts every secret with the newest key. Without a pause: add the new key at the end of SECRETS_KEYS and restart each
replica; move it to the front and restart each again; rotate; take the old key out.`,
    )
    .option('--json', 'as one line of JSON')
    .addOption(urlOption())
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const answer = await callService<Rotated>(provisionerOf(command), 'POST', `${path}/rotate`)
      if (json) printJson(answer)
      const { key_id, rotated, kept } = answer
      printLine(`${rotated.length} encrypted anew with the key ${key_id}, ${kept.length} had it already.`)
    })
}

const path = '/admin/secrets'

function provisionerOf(command: Command) {
  return findService(command, 'provisioner')
}

function row({ name, key_id, updated_at }: Secret): string[] {
  return [name, key_id, updated_at.slice(0, 19)]
}
