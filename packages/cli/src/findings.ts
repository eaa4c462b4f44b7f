import { table } from './print.ts'

export type Finding = {
  seq: number
  type: string
  order_id: string
  outcome: string
  reason: string | null
  effect: { fields: Record<string, { from: unknown; to: unknown }>; says: string[] } | null
}

/** By order, what became of each of its events, and why; what was skipped only when asked for. */
export function showFindings(findings: Finding[], { all }: { all: boolean }): string {
  const shown = findings.filter(({ outcome }) => all || outcome !== 'skipped')
  if (shown.length === 0) return ''
  const orders = [...new Set(shown.map(({ order_id }) => order_id))]
  const rows = orders.flatMap((order) =>
    shown
      .filter(({ order_id }) => order_id === order)
      .map((finding, n) => [
        n === 0 ? order : '',
        String(finding.seq),
        finding.type,
        finding.outcome,
        inWords(finding),
      ]),
  )
  return table(['order', 'seq', 'event', 'outcome', 'what changes, or why not'], rows)
}

function inWords({ reason, effect }: Finding): string {
  const fields = Object.entries(effect?.fields ?? {}).map(
    ([name, { from, to }]) => `${name} ${shown(from)} → ${shown(to)}`,
  )
  const published = effect?.says.length ? [`publishes ${effect.says.join(', ')}`] : []
  const changes = [...fields, ...published].join('; ')
  return [reason, changes].filter(Boolean).join('; ') || (effect ? 'nothing changes' : '')
}

function shown(value: unknown): string {
  return value === null ? '–' : typeof value === 'string' ? value : JSON.stringify(value)
}
