import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

const busyFrom = 0.5
const lookEveryMs = 20

/**
 * Settles at once when nobody else has work for this process, or when it was idle for half of the time since it was asked last;
 * else once that is so, or after so long.
 */
export function createLoadShedding(hasOtherWork: () => boolean): (atMostMs: number) => Promise<void> {
  let before = performance.eventLoopUtilization()

  function isBusy(): boolean {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    return utilization >= busyFrom
  }

  return async (atMostMs) => {
    const until = performance.now() + atMostMs
    while (isBusy() && hasOtherWork() && performance.now() < until) await delay(lookEveryMs)
  }
}
