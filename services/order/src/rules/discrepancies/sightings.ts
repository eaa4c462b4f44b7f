type Sighting = { seen: number; dueAt: number }

/** In how many runs in a row each was seen: certain from the second on, and to be repaired then, and after twice as many again. */
export function openSightings({ atMost }: { atMost: number }) {
  let sightings = new Map<string, Sighting>()
  return {
    /** All that this run found; what it did not find is forgotten, and so is what is too much to remember. */
    see(ids: string[]): void {
      const known = ids.filter((id) => sightings.has(id))
      const kept = [...new Set([...known, ...ids])].slice(0, atMost)
      sightings = new Map(kept.map((id) => [id, seenAgain(sightings.get(id))]))
    },
    isCertain: (id: string): boolean => (sightings.get(id)?.seen ?? 0) > 1,
    isDue(id: string): boolean {
      const { seen, dueAt } = sightings.get(id) ?? { seen: 0, dueAt: 1 }
      return seen >= dueAt
    },
    wasRepaired(id: string): void {
      const sighting = sightings.get(id)
      if (sighting) sightings.set(id, { ...sighting, dueAt: sighting.seen * 2 })
    },
  }
}

function seenAgain(before: Sighting | undefined): Sighting {
  return before ? { ...before, seen: before.seen + 1 } : { seen: 1, dueAt: 2 }
}
