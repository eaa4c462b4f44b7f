import { readArguments, usage } from './arguments.ts'
import { type Result, runChaos } from './run-chaos.ts'
import { createSchedule } from './schedule.ts'
import { isClean } from './summary.ts'

process.exitCode = await main(process.argv.slice(2))

async function main(args: string[]): Promise<number> {
  const options = readArguments(args)
  if (options === 'help') {
    process.stdout.write(usage)
    return 0
  }
  if ('problem' in options) {
    process.stderr.write(`${options.problem}\n\n${usage}`)
    return 2
  }
  if (options.plan) {
    const schedule = createSchedule({ ...options, mysqlIsOurs: options.mysqlUrl === null })
    process.stdout.write(`${JSON.stringify(schedule, null, 1)}\n`)
    return 0
  }
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  try {
    return report(await runChaos({ ...options, say, signal: stop.signal }), options.json)
  } catch (error) {
    if (!stop.signal.aborted) throw error
    say('Stopped')
    return 130
  }
}

function report({ summary, findings, dataDir }: Result, json: boolean): number {
  for (const { verdict, server_name, order_id, why } of findings)
    say(`${verdict}: ${server_name} (${order_id}): ${why}`)
  if (dataDir) say(`Logs, data and evidence are kept in ${dataDir}`)
  process.stdout.write(`${JSON.stringify(summary, null, json ? 0 : 2)}\n`)
  return isClean(summary) ? 0 : 1
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
