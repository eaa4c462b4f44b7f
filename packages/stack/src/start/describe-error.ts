/** The message with those of its causes, which is where the reason mostly is. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const inner =
    error instanceof AggregateError ? error.errors : error.cause === undefined ? [] : [error.cause]
  return [error.message, ...inner.map(describeError)].join('\n  because: ')
}
