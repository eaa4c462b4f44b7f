import type { Machine } from './machine.ts'
import type { Result } from './run-benchmarks.ts'
import { median, spread } from './samples.ts'

/** For people: each goal and what was reached, then each series with its median and spread. */
export function describeResult({ name, goals, samples }: Result): string {
  const reached = table(
    ['', name, 'goal', 'unit'],
    goals.map((goal) => [figureOf(goal.value), goal.what, goal.goal, goal.unit, goal.met ? '✔' : '✖']),
  )
  const measured = table(
    ['median', 'sample', 'least – most', 'times'],
    Object.entries(samples).map(([series, values]) => {
      const { least, most } = spread(values)
      return [
        figureOf(median(values)),
        series,
        `${figureOf(least)} – ${figureOf(most)}`,
        String(values.length),
      ]
    }),
  )
  return `\n${reached}\n\n${measured}\n`
}

export function machineLine(machine: Machine): string {
  const { cpu, cores, memory_gb, system, node, mysql, mysql_memory_mb, nats, sync_ms } = machine
  const memory = mysql_memory_mb === null ? '' : ` with ${mysql_memory_mb} MB of memory and of redo log`
  return `${cores} × ${cpu}, ${memory_gb} GB, ${system}, Node ${node}, ${mysql}${memory}, ${nats}, ${figureOf(sync_ms)} ms for a durable write`
}

/** One line, with as many digits as mean something. */
export function resultAsJson(result: Result): string {
  return JSON.stringify(result, (_, value: unknown) => (typeof value === 'number' ? rounded(value) : value))
}

export function figureOf(value: number): string {
  return rounded(value).toLocaleString('en', { maximumSignificantDigits: 4 })
}

function rounded(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(4))
}

function table(head: string[], rows: string[][]): string {
  const all = [head, ...rows]
  const widths = all
    .reduce((longest, row) => (row.length > longest.length ? row : longest), head)
    .map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  return all
    .map((row) =>
      row
        .map((cell, column) =>
          column === 0 ? cell.padStart(widths[0] ?? 0) : cell.padEnd(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
