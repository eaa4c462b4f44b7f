import { writeFileSync } from 'node:fs'
import { type BenchArguments, readArguments, usage } from './bench/arguments.ts'
import { drawChart } from './bench/chart.ts'
import { describeMachine } from './bench/machine.ts'
import { describeResult, machineLine, resultAsJson } from './bench/report.ts'
import { type Result, runBenchmarks } from './bench/run-benchmarks.ts'

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
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort())
  try {
    return await measure(options, stop.signal)
  } catch (error) {
    if (!stop.signal.aborted) throw error
    print('Stopped')
    return 130
  }
}

async function measure({ chosen, json, chart, ...options }: BenchArguments, signal: AbortSignal) {
  const results: Result[] = []
  const machine = describeMachine(options.servers)
  print(machineLine(machine))
  for await (const outcome of runBenchmarks(chosen, machine, { ...options, print, signal })) {
    if ('error' in outcome) {
      print(`${outcome.name} could not be measured:`)
      console.error(outcome.error)
      continue
    }
    process.stdout.write(json ? `${resultAsJson(outcome)}\n` : describeResult(outcome))
    results.push(outcome)
  }
  if (chart !== null) writeFileSync(chart, drawChart(results))
  return results.length === chosen.length ? 0 : 1
}

function print(line: string): void {
  process.stderr.write(`${line}\n`)
}
