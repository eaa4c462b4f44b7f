import type { Money } from '@spawnpoint/contracts'

// Which currencies Stripe takes without decimals and with three; all others, ISK and UGX among them, in hundredths. A formatter of the
// language follows what people of a country write, such as HUF without decimals.
// Source: docs.stripe.com/currencies (zero-decimal, three-decimal, special cases).
const withoutDecimals = 'bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' ')
const threeDecimals = 'bhd jod kwd omr tnd'.split(' ')

/** As people write it: 9.99 EUR, 500 JPY. */
export function formatMoney({ amount, currency }: Money): string {
  const digits = withoutDecimals.includes(currency) ? 0 : threeDecimals.includes(currency) ? 3 : 2
  return `${(amount / 10 ** digits).toFixed(digits)} ${currency.toUpperCase()}`
}
