/** Maps each item in sequence, one item ahead of the consumer, never more. */
export async function* oneAhead<T, R>(
  source: AsyncGenerator<T>,
  work: (one: T) => Promise<R>,
): AsyncGenerator<R> {
  async function take(): Promise<{ result: R } | null> {
    const { done, value } = await source.next()
    return done ? null : { result: await work(value) }
  }

  try {
    for (let next = take(); ; ) {
      const taken = await next
      if (!taken) return
      next = take()
      // Handled where it is awaited.
      next.catch(() => {})
      yield taken.result
    }
  } finally {
    await source.return(undefined)
  }
}
