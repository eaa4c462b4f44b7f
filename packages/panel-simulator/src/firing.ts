import { z } from 'zod'

/** How often and how likely a fault fires. */
export const firing = {
  /** 0..1, each time it could fire; 1 if left out. */
  chance: z.number().min(0).max(1).optional(),
  /** Until it is over; no end if left out. */
  times: z.number().int().min(1).optional(),
}

type Firing = { chance?: number | undefined; times?: number | undefined }

/** Faults in the order in which they were set; the first that applies fires. */
export function createFirings<Fault extends object>({
  prefix,
  random,
  firingOf,
}: {
  prefix: string
  random: () => number
  firingOf: (fault: Fault) => Firing
}) {
  const set = new Map<string, { fault: Fault; fired: number; removed: boolean }>()

  return {
    add(fault: Fault): string {
      const id = `${prefix}_${set.size + 1}`
      set.set(id, { fault, fired: 0, removed: false })
      return id
    },

    /** What was fired stays counted. */
    remove(matches: (fault: Fault, id: string) => boolean = () => true): number {
      const going = [...set].filter(([id, entry]) => !entry.removed && matches(entry.fault, id))
      for (const [, entry] of going) entry.removed = true
      return going.length
    },

    take(applies: (fault: Fault) => boolean): Fault | undefined {
      for (const entry of set.values()) {
        const { times = Infinity, chance = 1 } = firingOf(entry.fault)
        if (entry.removed || entry.fired >= times || !applies(entry.fault)) continue
        if (chance < 1 && random() >= chance) continue
        entry.fired++
        return entry.fault
      }
      return undefined
    },

    all: () => [...set].map(([id, { fault, fired, removed }]) => ({ id, ...fault, fired, removed })),
  }
}
