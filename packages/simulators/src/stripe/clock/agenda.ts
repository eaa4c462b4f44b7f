/** Something that becomes due at a time in Unix seconds; of what is due in one second, the lowest rank goes first. */
export type Due = { at: number; rank: number; act: () => void }

/** What was put off by hand; everything else becomes due by what the objects say. */
export function createAgenda() {
  let entries: Due[] = []

  return {
    /** Returns what takes it off again. */
    add(at: number, act: () => void) {
      const entry: Due = {
        at,
        rank: 0,
        act: () => {
          entries = entries.filter((other) => other !== entry)
          act()
        },
      }
      entries.push(entry)
      return () => {
        entries = entries.filter((other) => other !== entry)
      }
    },
    dues: (): readonly Due[] => entries,
  }
}
