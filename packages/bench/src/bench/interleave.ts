/**
 * Measures the sides A B A B …, so that what the machine does meanwhile falls on all of them. On a slow machine there are fewer
 * rounds: none begins that would, going by the one before it, end after `atMostSeconds`. The first one always does.
 */
export async function interleave<Side extends string, Sample>(
  sides: Record<Side, (repetition: number) => Promise<Sample>>,
  { repetitions, atMostSeconds, signal }: { repetitions: number; atMostSeconds: number; signal: AbortSignal },
): Promise<Record<Side, Sample[]>> {
  const names = Object.keys(sides) as Side[]
  const samples = Object.fromEntries(names.map((name): [string, Sample[]] => [name, []])) as Record<
    Side,
    Sample[]
  >
  const until = performance.now() + 1_000 * atMostSeconds
  let roundMs = 0
  for (let repetition = 0; repetition < repetitions; repetition++) {
    const begun = performance.now()
    if (repetition > 0 && begun + roundMs > until) break
    for (const name of names) {
      signal.throwIfAborted()
      samples[name].push(await sides[name](repetition))
    }
    roundMs = performance.now() - begun
  }
  return samples
}
