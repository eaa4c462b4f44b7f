export type Collection<T extends { id: string }> = ReturnType<typeof createCollection<T>>

export type PageQuery = {
  limit?: number | undefined
  starting_after?: string | undefined
  ending_before?: string | undefined
}

/** Objects of one kind in the order they came to be. They are never changed in place, so an event may keep one as its snapshot. */
export function createCollection<T extends { id: string }>() {
  const items: T[] = []
  const positions = new Map<string, number>()

  return {
    get: (id: string): T | undefined => items[positions.get(id) ?? -1],
    has: (id: string) => positions.has(id),
    size: () => items.length,
    all: (): readonly T[] => items,

    save<U extends T>(item: U): U {
      const position = positions.get(item.id) ?? items.length
      positions.set(item.id, position)
      items[position] = item
      return item
    },

    remove(id: string) {
      const position = positions.get(id)
      if (position === undefined) return false
      items.splice(position, 1)
      positions.delete(id)
      for (const [index, item] of items.entries()) positions.set(item.id, index)
      return true
    },

    /** Newest first, as every list of Stripe's; with `ending_before` the page that ends right before that object. */
    page(
      { limit = 10, starting_after, ending_before }: PageQuery,
      wanted: (item: T) => boolean = () => true,
    ) {
      const towardsNewer = ending_before !== undefined
      const from = positions.get(ending_before ?? starting_after ?? '')
      const step = towardsNewer ? 1 : -1
      const found: T[] = []
      let position = from === undefined ? items.length - 1 : from + step
      for (; found.length <= limit && position >= 0 && position < items.length; position += step) {
        const item = items[position]
        if (item && wanted(item)) found.push(item)
      }
      const data = found.slice(0, limit)
      return { data: towardsNewer ? data.reverse() : data, has_more: found.length > limit }
    },
  }
}
