import { performance } from 'node:perf_hooks'
import { setTimeout as delay } from 'node:timers/promises'

const busyFrom = 0.5
const lookEveryMs = 20

/**
 * Settles at once when there is no other work, or when the process was idle for half of the time since the last call;
 * otherwise once that is so, or after `atMostMs`.
 */
export function createLoadShedding(
  hasOtherWork: () => boolean,
  utilization = measureUtilization(),
): (atMostMs: number) => Promise<void> {
  return async (atMostMs) => {
    const until = performance.now() + atMostMs
    while (utilization() >= busyFrom && hasOtherWork() && performance.now() < until) await delay(lookEveryMs)
  }
}

/** The share of the time since the last call in which the process worked. */
function measureUtilization(): () => number {
  let before = performance.eventLoopUtilization()
  return () => {
    const now = performance.eventLoopUtilization()
    const { utilization } = performance.eventLoopUtilization(now, before)
    before = now
    return utilization
  }
}
