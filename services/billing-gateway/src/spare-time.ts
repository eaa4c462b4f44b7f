import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

const busyFrom = 0.9
const lookEveryMs = 20

/** Settles at once when this process has had time to spare since it was asked last; else once it has, or after so long. */
export function watchSpareTime(): (atMostMs: number) => Promise<void> {
  let before = performance.eventLoopUtilization()

  function isBusy(): boolean {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    return utilization >= busyFrom
  }

  return async (atMostMs) => {
    const until = performance.now() + atMostMs
    while (isBusy() && performance.now() < until) await delay(lookEveryMs)
  }
}
