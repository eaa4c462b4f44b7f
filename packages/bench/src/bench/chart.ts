import type { Goal } from './benchmark.ts'
import { figureOf } from './report.ts'
import type { Result } from './run-benchmarks.ts'

const rowHeight = 22
const [labelWidth, barWidth, figureWidth] = [380, 260, 200]
const clippedAt = 2

/** Every figure as a bar: how far it is from its goal, which is the line. Readable on light and on dark. */
export function drawChart(results: readonly Pick<Result, 'name' | 'goals'>[]): string {
  const rows = results.flatMap(({ name, goals }) => goals.map((goal) => ({ name, goal })))
  const width = labelWidth + barWidth + figureWidth
  const height = (rows.length + 1) * rowHeight
  const goalX = labelWidth + barWidth / clippedAt
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>What was measured, and how far it is from its goal</title>
<style>
  text { font: 12px system-ui, sans-serif; fill: #57606a }
  .met { fill: #2da44e } .missed { fill: #d4a72c } line { stroke: #57606a }
  @media (prefers-color-scheme: dark) { text { fill: #adbac7 } line { stroke: #adbac7 } }
</style>
<text x="${goalX}" y="15" text-anchor="middle">goal</text>
<line x1="${goalX}" x2="${goalX}" y1="${rowHeight}" y2="${height}" stroke-dasharray="3 3"/>
${rows.map(({ name, goal }, index) => drawRow(name, goal, (index + 1) * rowHeight)).join('\n')}
</svg>
`
}

function drawRow(name: string, goal: Goal, y: number): string {
  const length = Math.round((barWidth / clippedAt) * Math.min(clippedAt, reached(goal)))
  const middle = y + 15
  return `<text x="${labelWidth - 10}" y="${middle}" text-anchor="end">${escaped(`${name}: ${goal.what}`)}</text>
<rect class="${goal.met ? 'met' : 'missed'}" x="${labelWidth}" y="${y + 4}" width="${length}" height="${rowHeight - 8}"/>
<text x="${labelWidth + barWidth + 10}" y="${middle}">${escaped(`${figureOf(goal.value)} ${goal.unit} (${goal.goal})`)}</text>`
}

/** 1 is the goal; more is better, whether the goal is to be high or to be low. */
function reached({ value, goal }: Goal): number {
  const wanted = Number(goal.replace(/^[^\d]*/, ''))
  if (goal.startsWith('≥')) return value / wanted
  return value === 0 ? clippedAt : wanted / value
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
