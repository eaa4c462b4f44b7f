/**
 * Reads through a cache of `ttlMs`: whoever asks meanwhile gets the same value, also while it is being read. Failures are not
 * cached, nor what `isCached` leaves out.
 */
export function ttlCache<Key, Value>(
  read: (key: Key) => Promise<Value>,
  ttlMs: number,
  isCached: (value: Value) => boolean = () => true,
) {
  const entries = new Map<Key, { value: Promise<Value>; until: number }>()

  return {
    async get(key: Key): Promise<Value> {
      const cached = entries.get(key)
      if (cached && cached.until > Date.now()) return await cached.value
      const entry = { value: read(key), until: Date.now() + ttlMs }
      const remove = () => void (entries.get(key) === entry && entries.delete(key))
      entries.set(key, entry)
      entry.value.then((value) => isCached(value) || remove(), remove)
      return await entry.value
    },
    /** What was read last, however long ago; nothing is read for it. */
    last: (key: Key): Promise<Value> | undefined => entries.get(key)?.value,
    clear: () => entries.clear(),
  }
}
