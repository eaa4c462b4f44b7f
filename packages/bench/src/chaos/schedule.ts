import { createRandom } from './random.ts'
import { type PlannedFault, planFaults } from './schedule-faults.ts'
import { type PlannedOrder, planOrder } from './schedule-orders.ts'

export type Schedule = {
  /** From the first order to the last; faults stop with it. */
  loadMs: number
  orders: PlannedOrder[]
  faults: PlannedFault[]
}

export type ScheduleOptions = {
  seed: number
  orders: number
  kills: number
  ordersPerSecond: number | null
  /** A server that was given is never killed. */
  mysqlIsOurs: boolean
}

/** Everything that will happen, before anything does: the same seed is the same run. */
export function createSchedule(options: ScheduleOptions): Schedule {
  const random = createRandom(options.seed)
  const loadMs = loadTime(options)
  const orders = Array.from({ length: options.orders }, (_, index) =>
    planOrder(random, {
      number: index + 1,
      atMs: random.spread({ index, of: options.orders, over: loadMs }),
    }),
  )
  return { loadMs, orders, faults: planFaults(random, { ...options, loadMs }) }
}

const usualOrdersPerSecond = 4.5
// Less, and hardly anything gets through before the next thing breaks: nothing would be under way to be lost.
const msPerKill = 8_000

function loadTime({ orders, kills, ordersPerSecond }: ScheduleOptions): number {
  if (ordersPerSecond !== null) return Math.round((orders / ordersPerSecond) * 1_000)
  return Math.round(Math.max((orders / usualOrdersPerSecond) * 1_000, kills * msPerKill))
}
