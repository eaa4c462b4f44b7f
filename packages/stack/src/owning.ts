export type Owned = AsyncDisposable & { own<T extends AsyncDisposable | Disposable>(thing: T): T }

/** Keeps what was started and lets it go in reverse order; one that fails to stop does not keep the others up. */
export function owning(): Owned {
  const things: (AsyncDisposable | Disposable)[] = []
  return {
    own: (thing) => {
      things.push(thing)
      return thing
    },
    [Symbol.asyncDispose]: async () => {
      const errors: unknown[] = []
      for (const thing of things.splice(0).reverse()) {
        try {
          await (Symbol.asyncDispose in thing ? thing[Symbol.asyncDispose]() : thing[Symbol.dispose]())
        } catch (error) {
          errors.push(error)
        }
      }
      if (errors.length > 0) throw new AggregateError(errors, 'Not everything could be stopped')
    },
  }
}
