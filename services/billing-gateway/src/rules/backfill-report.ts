/** For one kind of object: how many were compared, how many were missing here, and how many had changed. */
export type Tally = { looked_at: number; missing: number; changed: number; unreadable: number }
export type BackfillReport = Record<string, Tally>

export function emptyTally(): Tally {
  return { looked_at: 0, missing: 0, changed: 0, unreadable: 0 }
}

export function addTally(a: Tally, b: Tally): Tally {
  return {
    looked_at: a.looked_at + b.looked_at,
    missing: a.missing + b.missing,
    changed: a.changed + b.changed,
    unreadable: a.unreadable + b.unreadable,
  }
}

/** How many were missing or outdated here. */
export function repairedIn(report: BackfillReport): number {
  return Object.values(report).reduce((sum, { missing, changed }) => sum + missing + changed, 0)
}
