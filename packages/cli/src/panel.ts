import type { Command } from 'commander'
import { callService } from './call-service.ts'
import { Failure } from './failure.ts'
import { printJson, table } from './print.ts'
import { findService, urlOption } from './services.ts'

type Checked = {
  ok: boolean
  findings: Finding[]
}

/** `panel`: absent from services that predate several panels. */
type Finding = { panel?: string; level: 'ok' | 'warning' | 'error'; what: string; message: string }
type Options = { panel?: string; json?: boolean }

const signs = { ok: '✔', warning: '!', error: '✖' }

export function addPanel(program: Command): void {
  const panel = program.command('panel').summary('whether the panels can make what is sold')
  panel
    .command('check')
    .description(
      'Checks each panel, its key, the nodes of every region and the egg of every plan, and prints what to fix; changes nothing',
    )
    .option('--panel <id>', 'only this one')
    .option('--json', 'as one line of JSON')
    .addOption(urlOption())
    .action(async ({ panel: only, json }: Options, command: Command) => {
      const provisioner = findService(command, 'provisioner')
      const query = only === undefined ? '' : `?panel=${encodeURIComponent(only)}`
      const checked = await callService<Checked>(provisioner, 'POST', `/admin/panel/check${query}`)
      if (json) printJson(checked)
      else process.stdout.write(inWords(checked.findings))
      if (!checked.ok) throw new Failure(`Nothing can be sold ${whereNot(checked.findings)}like this.`)
    })
}

// The other panels sell on.
function whereNot(findings: Finding[]): string {
  const panels = new Set(findings.map(({ panel }) => panel))
  if (panels.size <= 1) return ''
  const broken = new Set(findings.filter(({ level }) => level === 'error').map(({ panel }) => panel))
  return `on ${[...broken].join(', ')} `
}

// Whoever has one panel never reads its name.
function inWords(findings: Finding[]): string {
  const isOne = new Set(findings.map(({ panel }) => panel)).size <= 1
  if (isOne)
    return table(
      ['', 'what', 'how it is'],
      findings.map(({ level, what, message }) => [signs[level], what, message]),
    )
  return table(
    ['', 'panel', 'what', 'how it is'],
    findings.map(({ panel = '', level, what, message }) => [signs[level], panel, what, message]),
  )
}
