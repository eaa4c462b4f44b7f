import type { Account } from '../account.ts'
import type { Clock } from './clock.ts'
import { nextDue } from './due.ts'

/** Runs what is due by now; returns how much that was. */
export function runDue(account: Account) {
  let count = 0
  for (let due = nextDue(account, account.seconds()); due; due = nextDue(account, account.seconds())) {
    due.act()
    if (++count > mostAtOnce)
      throw new Error('the simulated time does not get on: something is due again and again')
  }
  return count
}

/**
 * Moves the clock and runs on the way what becomes due, each thing at its own time. `step` comes after each of these
 * times, and may wait.
 */
export function* stepsTo(account: Account, clock: Clock, target: number): Generator<number> {
  for (;;) {
    const due = nextDue(account, Math.floor(target / 1000))
    if (!due) break
    clock.moveTo(due.at * 1000)
    due.act()
    runDue(account)
    yield clock.now()
  }
  clock.moveTo(target)
  yield clock.now()
}

const mostAtOnce = 1_000_000
