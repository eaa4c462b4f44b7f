/** Measures the sides A B A B …, so that what the machine does meanwhile falls on all of them. */
export async function interleave<Side extends string, Sample>(
  sides: Record<Side, (repetition: number) => Promise<Sample>>,
  { repetitions, signal }: { repetitions: number; signal: AbortSignal },
): Promise<Record<Side, Sample[]>> {
  const names = Object.keys(sides) as Side[]
  const samples = Object.fromEntries(names.map((name): [string, Sample[]] => [name, []])) as Record<
    Side,
    Sample[]
  >
  for (let repetition = 0; repetition < repetitions; repetition++) {
    for (const name of names) {
      signal.throwIfAborted()
      samples[name].push(await sides[name](repetition))
    }
  }
  return samples
}
