const threeDecimals = new Set(['bhd', 'jod', 'kwd', 'omr', 'tnd'])

/** A part of an amount in minor units. Currencies with three decimals are charged in tens, as Stripe wants it. */
export function partOf(amount: number, share: number, currency: string) {
  const step = threeDecimals.has(currency) ? 10 : 1
  const part = Math.round((Math.abs(amount) * share) / step) * step
  return amount < 0 && part !== 0 ? -part : part
}
