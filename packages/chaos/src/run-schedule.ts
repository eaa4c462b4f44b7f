import { setMaxListeners } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Receipt } from './buyer.ts'
import type { Schedule } from './schedule.ts'

export type Doing = {
  buy: (order: Schedule['orders'][number], giveUp: AbortSignal) => Promise<Receipt>
  /** A step of the clock, once everybody has bought. */
  live: (step: Schedule['steps'][number], receipts: readonly Receipt[]) => Promise<void>
  inject: (fault: Schedule['faults'][number]) => Promise<void>
  afterFaults: () => Promise<unknown>
  say: (line: string) => void
  signal: AbortSignal
}

// Steps that are late do not follow each other at once: between them things have to happen.
const leastBetweenSteps = 0.6

/** Every order, step and fault at its time; done when the last buyer and the last step are. */
export async function runSchedule(schedule: Schedule, doing: Doing): Promise<Receipt[]> {
  const { orders, steps, faults, loadMs } = schedule
  const { buy, live, inject, afterFaults, say, signal } = doing
  const begun = performance.now()
  const at = (ms: number) => delay(Math.max(0, ms - (performance.now() - begun)), undefined, { signal })
  // One listener for each order that is still to come.
  setMaxListeners(0, signal)
  const giveUp = new AbortController()
  let done = 0
  const progress = setInterval(() => {
    if (done < orders.length) say(`${done} of ${orders.length} buyers are through`)
  }, 5_000)
  try {
    const buying = orders.map(async (order) => {
      await at(order.atMs)
      const receipt = await buy(order, giveUp.signal)
      done++
      return receipt
    })
    const bought = Promise.all(buying)
    const living = bought.then(async (receipts) => {
      const pauseMs = leastBetweenSteps * ((steps[1]?.atMs ?? 0) - (steps[0]?.atMs ?? 0))
      for (const step of steps) {
        await Promise.all([at(step.atMs), delay(pauseMs, undefined, { signal })])
        await live(step, receipts)
      }
    })
    // Heard below; until then faults may still be under way.
    living.catch(() => {})
    const breaking = faults.map(async (fault) => {
      await at(fault.atMs)
      say(`${(fault.atMs / 1_000).toFixed(1).padStart(6)} s  ${describe(fault)}`)
      await inject(fault)
    })
    await Promise.all([...breaking, at(loadMs)])
    await afterFaults()
    const late = setTimeout(() => giveUp.abort(), 120_000)
    const receipts = await bought
    clearTimeout(late)
    await living
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
