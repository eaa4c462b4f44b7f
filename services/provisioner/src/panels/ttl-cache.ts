/**
 * Reads through a cache of `ttlMs`: whoever asks meanwhile gets the same value, also while it is being read. Failures are not
 * cached.
 */
export function ttlCache<Key, Value>(read: (key: Key) => Promise<Value>, ttlMs: number) {
  const entries = new Map<Key, { value: Promise<Value>; until: number }>()

  return {
    async get(key: Key): Promise<Value> {
      const cached = entries.get(key)
      if (cached && cached.until > Date.now()) return await cached.value
      const entry = { value: read(key), until: Date.now() + ttlMs }
      entries.set(key, entry)
      entry.value.catch(() => entries.get(key) === entry && entries.delete(key))
      return await entry.value
    },
    clear: () => entries.clear(),
  }
}
