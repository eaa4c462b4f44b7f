import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Receipt } from './buyer.ts'
import type { Schedule } from './schedule.ts'

export type Doing = {
  buy: (order: Schedule['orders'][number], giveUp: AbortSignal) => Promise<Receipt>
  inflict: (fault: Schedule['faults'][number]) => Promise<void>
  afterFaults: () => Promise<unknown>
  say: (line: string) => void
  signal: AbortSignal
}

/** Every order and every fault at its time; done when the last buyer is. */
export async function runSchedule({ orders, faults, loadMs }: Schedule, doing: Doing): Promise<Receipt[]> {
  const { buy, inflict, afterFaults, say, signal } = doing
  const begun = performance.now()
  const at = (ms: number) => delay(Math.max(0, ms - (performance.now() - begun)), undefined, { signal })
  // One listener for each order that is still to come.
  setMaxListeners(0, signal)
  const giveUp = new AbortController()
  let done = 0
  const progress = setInterval(() => say(`${done} of ${orders.length} buyers are through`), 5_000)
  try {
    const buying = orders.map(async (order) => {
      await at(order.atMs)
      const receipt = await buy(order, giveUp.signal)
      done++
      return receipt
    })
    const breaking = faults.map(async (fault) => {
      await at(fault.atMs)
      say(`${(fault.atMs / 1_000).toFixed(1).padStart(6)} s  ${describe(fault)}`)
      await inflict(fault)
    })
    await Promise.all([...breaking, at(loadMs)])
    await afterFaults()
    const late = setTimeout(() => giveUp.abort(), 120_000)
    const receipts = await Promise.all(buying)
    clearTimeout(late)
    return receipts
  } finally {
    clearInterval(progress)
  }
}

function describe({ atMs: _, kind, ...rest }: Schedule['faults'][number]): string {
  return `${kind} ${Object.entries(rest)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')}`
}
