import { availableParallelism } from 'node:os'
import { installed, run } from '../run.mjs'

/** Type-checks every workspace on its own; turbo remembers those whose sources, and whose packages', are unchanged. */
export async function typesHold() {
  const args = [
    'typecheck',
    '--continue',
    '--output-logs=errors-only',
    `--concurrency=${availableParallelism()}`,
  ]
  const { code, output } = await run(installed('turbo'), ['run', ...args])
  if (code === 0) return []
  const errors = output.split('\n').flatMap(compilerLine)
  return errors.length > 0 ? errors : [output]
}

// `@spawnpoint/order:typecheck: src/main.ts(1,2): error …` and the indented lines that explain it, out of npm's chatter.
function compilerLine(line) {
  const [, workspace, said = ''] = /^(\S+):typecheck: (.*)$/.exec(line) ?? []
  if (/(?:^| )error TS\d+/.test(said)) return [`${workspace} ${said}`]
  return workspace && said.startsWith('  ') ? [said] : []
}
