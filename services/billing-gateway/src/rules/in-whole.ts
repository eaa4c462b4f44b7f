/** A sum of shares in minor units, rounded down, but to one at least, so that it is told. */
export function inWhole(shares: { amount: number }[]): number {
  const sum = shares.reduce((all, { amount }) => all + amount, 0)
  // Thirds that make a whole are a little less in binary.
  return sum > 0 ? Math.max(1, Math.floor(sum + 1e-6)) : 0
}
