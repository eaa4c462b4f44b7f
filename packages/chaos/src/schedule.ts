import { createRandom } from './random.ts'
import { type PlannedFault, planFaults } from './schedule-faults.ts'
import { type PlannedOrder, planOrder } from './schedule-orders.ts'
import { type PlannedStep, planSteps } from './schedule-subscriptions.ts'

export type Schedule = {
  /** From the first order to the last step of the clock; faults stop with it. */
  loadMs: number
  orders: PlannedOrder[]
  /** The months of the subscriptions, once all are sold; none where none is sold. */
  steps: PlannedStep[]
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
  const sellMs = sellTime(options)
  const orders = Array.from({ length: options.orders }, (_, index) =>
    planOrder(random, {
      number: index + 1,
      atMs: random.spread({ index, of: options.orders, over: sellMs }),
    }),
  )
  const hasMonths = orders.some(({ life }) => life !== null)
  const loadMs = sellMs + (hasMonths ? monthsTime(options) : 0)
  const steps = hasMonths ? planSteps({ fromMs: sellMs, toMs: loadMs }) : []
  return { loadMs, orders, steps, faults: planFaults(random, { ...options, loadMs }) }
}

const usualOrdersPerSecond = 4.5
// Less, and hardly anything gets through before the next thing breaks: nothing would be under way to be lost.
const msPerKill = 8_000
const leastMonthsMs = 50_000

function sellTime({ orders, ordersPerSecond }: ScheduleOptions): number {
  return Math.round((orders / (ordersPerSecond ?? usualOrdersPerSecond)) * 1_000)
}

function monthsTime(options: ScheduleOptions): number {
  return Math.max(leastMonthsMs, options.kills * msPerKill - sellTime(options))
}
