export type Counts = ReturnType<typeof createCounts>

/** What was done, how often, by name. */
export function createCounts() {
  const counts = {
    kills: new Map<string, number>(),
    faults: new Map<string, number>(),
    actions: new Map<string, number>(),
  }
  return {
    add(kind: keyof typeof counts, name: string, times = 1) {
      counts[kind].set(name, (counts[kind].get(name) ?? 0) + times)
    },
    of: (kind: keyof typeof counts): Record<string, number> =>
      Object.fromEntries([...counts[kind]].toSorted()),
  }
}
