import type { PanelPace } from '../panel-types/panel.ts'

/** A create, and its share of the page that watches installs; and the user of a new customer. */
const callsEach = 2.8
/** Servers that are created in a second while there are calls: a node takes four at once, and half a second or so for each. */
const eachSecond = 8

/**
 * In how many ms the server at this position of the queue is expected to be created. The panel counts calls in windows: what is left of
 * this one is used at once, the rest of the queue follows in the next ones.
 */
export function expectedInMs(position: number, pace: PanelPace): number {
  const { callsAMinute, callsLeft, windowEndsInMs, windowMs } = pace
  const atOnceMs = (servers: number) => (servers / eachSecond) * 1_000 * (windowMs / 60_000)
  if (callsAMinute === null) return atOnceMs(position)
  const isNow = windowEndsInMs === 0 || callsLeft === null
  const now = Math.floor((isNow ? callsAMinute : callsLeft) / callsEach)
  if (position <= now) return atOnceMs(position)
  const perWindow = Math.max(1, Math.floor(callsAMinute / callsEach))
  const later = position - now - 1
  const windows = Math.floor(later / perWindow)
  const begins = isNow ? windowMs : windowEndsInMs
  return begins + windows * windowMs + atOnceMs((later % perWindow) + 1)
}
