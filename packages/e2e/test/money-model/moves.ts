import type { Action } from './scenario.ts'

const counts = new Map<string, { done: number; left: number }>()

/** What was done, and how often it made no sense at that moment, or Stripe refused it. */
export function countMove(action: Action, became: string): void {
  if (process.env.MONEY_MODEL_MOVES !== '1') return
  const kinds = Object.entries(action).filter(([name, value]) => name !== 'do' && typeof value === 'string')
  const name = [action.do, ...kinds.map(([, value]) => value)].join(' ')
  const isLeft = /(?:^|: )nothing: |refused|is not paid|cannot be/.test(became)
  const { done, left } = counts.get(name) ?? { done: 0, left: 0 }
  counts.set(name, { done: done + (isLeft ? 0 : 1), left: left + (isLeft ? 1 : 0) })
}

/** A table for `MONEY_MODEL_MOVES=1`: how often each kind of move occurred; empty without. */
export function tableOfMoves(): string {
  const rows = [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1))
  return rows
    .map(
      ([name, { done, left }]) => `${name.padEnd(64)}${String(done).padStart(7)}${String(left).padStart(7)}`,
    )
    .join('\n')
}
