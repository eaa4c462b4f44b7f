import type { Money } from '@spawnpoint/contracts'

// Stripe charges these in hundredths, although they have none.
// Source: docs.stripe.com/currencies (special cases).
const twoDecimals = ['isk', 'ugx']

/** As people write it: 9.99 EUR, 500 JPY. */
export function formatMoney({ amount, currency }: Money): string {
  const code = currency.toUpperCase()
  const digits = twoDecimals.includes(currency) ? 2 : decimalsOf(code)
  return `${(amount / 10 ** digits).toFixed(digits)} ${code}`
}

// A formatter is dear to make.
const known = new Map<string, number>()

function decimalsOf(currency: string): number {
  const digits = known.get(currency)
  if (digits !== undefined) return digits
  const { maximumFractionDigits = 2 } = new Intl.NumberFormat('en', {
    style: 'currency',
    currency,
  }).resolvedOptions()
  known.set(currency, maximumFractionDigits)
  return maximumFractionDigits
}
