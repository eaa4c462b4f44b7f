/** Reads through a memory of `keepMs`: whoever asks meanwhile gets the same answer, also while it is being read. A failure is not kept. */
export function keep<Key, Value>(read: (key: Key) => Promise<Value>, keepMs: number) {
  const kept = new Map<Key, { value: Promise<Value>; until: number }>()

  return {
    async get(key: Key): Promise<Value> {
      const known = kept.get(key)
      if (known && known.until > Date.now()) return await known.value
      const entry = { value: read(key), until: Date.now() + keepMs }
      kept.set(key, entry)
      entry.value.catch(() => {
        if (kept.get(key) === entry) kept.delete(key)
      })
      return await entry.value
    },
    /** What was read last, however long ago; nothing is read for it. */
    known: (key: Key): Promise<Value> | undefined => kept.get(key)?.value,
    forget: () => kept.clear(),
  }
}
