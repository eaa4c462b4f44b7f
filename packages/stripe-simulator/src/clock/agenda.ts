/** Something that becomes due at a time in Unix seconds; of what is due in one second, the lowest rank goes first. */
export type Due = { at: number; rank: number; act: () => void }

/** What was put off by hand; everything else becomes due by the state of the objects. */
export function createAgenda() {
  const entries = new Set<Due>()

  return {
    /** Returns what takes it off again. */
    add(at: number, act: () => void) {
      const entry: Due = {
        at,
        rank: 0,
        act: () => {
          entries.delete(entry)
          act()
        },
      }
      entries.add(entry)
      return () => void entries.delete(entry)
    },
    dues: (): Iterable<Due> => entries,
  }
}
