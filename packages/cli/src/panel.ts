import type { Command } from 'commander'
import { callService } from './call-service.ts'
import { Failure } from './failure.ts'
import { printJson, table } from './print.ts'
import { findService, urlOption } from './services.ts'

type Checked = {
  ok: boolean
  findings: { level: 'ok' | 'warning' | 'error'; what: string; message: string }[]
}

const signs = { ok: '✔', warning: '!', error: '✖' }

export function addPanel(program: Command): void {
  const panel = program.command('panel').summary('whether the panel can make what is sold')
  panel
    .command('check')
    .description(
      'Looks at the panel, its key, the nodes of every region and the egg of every plan, and says what to mend; changes nothing',
    )
    .option('--json', 'as one line of JSON')
    .addOption(urlOption())
    .action(async ({ json }: { json?: boolean }, command: Command) => {
      const provisioner = findService(command, 'provisioner')
      const checked = await callService<Checked>(provisioner, 'POST', '/admin/panel/check')
      if (json) printJson(checked)
      else process.stdout.write(table(['', 'what', 'how it is'], checked.findings.map(row)))
      if (!checked.ok) throw new Failure('Nothing can be sold like this.')
    })
}

function row({ level, what, message }: Checked['findings'][number]): string[] {
  return [signs[level], what, message]
}
