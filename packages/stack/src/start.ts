import { join } from 'node:path'
import { repositoryRoot } from './repository.ts'
import { readArguments, usage } from './start/arguments.ts'
import { run } from './start/run.ts'
import { openTerminal } from './start/terminal.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const options = readArguments(args)
  if (options === 'help') {
    process.stdout.write(usage)
    return 0
  }
  if ('unknown' in options) {
    process.stderr.write(`There is no option ${options.unknown}.\n\n${usage}`)
    return 2
  }
  const terminal = openTerminal(process.stderr)
  const dataDir = process.env.SPAWNPOINT_DATA ?? join(repositoryRoot, '.data')
  return run({ ...options, dataDir, env: process.env, terminal, signal: untilSignal(terminal.line) })
}

function untilSignal(print: (line: string) => void): AbortSignal {
  const stop = new AbortController()
  // Whoever read our output has gone, such as `head`: what was started is put away all the same.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => stop.abort())
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      // Asked twice: what is left running is stopped by the next start.
      if (stop.signal.aborted) process.exit(130)
      print('Stopping …')
      stop.abort()
    })
  }
  return stop.signal
}
