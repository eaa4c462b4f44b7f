import { html, raw } from 'hono/html'
import type Stripe from 'stripe'

type Page = { session: Stripe.Checkout.Session; lineItems: Stripe.LineItem[]; declined: boolean }

/** The hosted payment page: what is bought, what it costs, and one button for each way it can go. */
export function payPage({ session, lineItems, declined }: Page) {
  const total = money(session.amount_total ?? 0, session.currency ?? 'usd')
  const period = periodOf(lineItems)
  const title = lineItems.map(({ description }) => description).join(', ')
  return html`<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Pay ${total} for ${title}</title>
    <style>${raw(css)}</style>
  </head>
  <body>
    <main>
      <p class="badge">Simulated Stripe: no money moves</p>
      <h1>${title}</h1>
      <p class="total">${total}${period}</p>
      ${lineItems.length > 1 ? linesOf(lineItems) : ''}
      ${session.customer_email ? html`<p class="email">${session.customer_email}</p>` : ''}
      ${declined ? html`<p role="alert">Your card was declined. Try again, or pay another way.</p>` : ''}
      ${session.status === 'open' ? buttons(total) : html`<p role="status">${closed(session)}</p>`}
    </main>
  </body>
</html>`
}

function buttons(total: string) {
  return html`<form method="post">
        <button class="pay" name="outcome" value="paid">Pay ${total}</button>
        <button name="outcome" value="async">Pay later by bank debit</button>
        <button name="outcome" value="declined">Pay with a card that is declined</button>
        <button class="quiet" name="outcome" value="cancel">Cancel and go back</button>
      </form>`
}

function linesOf(lineItems: Stripe.LineItem[]) {
  return html`<ul>${lineItems.map(
    (item) =>
      html`<li>${item.quantity} × ${item.description}<b>${money(item.amount_total, item.currency)}</b></li>`,
  )}</ul>`
}

function closed({ status, payment_status }: Stripe.Checkout.Session) {
  if (status === 'expired') return 'This checkout has expired. Go back to the shop and start again.'
  return payment_status === 'unpaid' ? 'Your bank is on its way to paying this.' : 'This is paid. Thank you!'
}

function periodOf(lineItems: Stripe.LineItem[]) {
  const recurring = lineItems[0]?.price?.recurring
  if (!recurring) return ''
  return recurring.interval_count === 1
    ? ` per ${recurring.interval}`
    : ` every ${recurring.interval_count} ${recurring.interval}s`
}

/** Minor units to what people read; the currency knows how many digits it has. */
function money(amount: number, currency: string) {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency })
  const { maximumFractionDigits: digits = 2 } = format.resolvedOptions()
  return format.format(amount / 10 ** digits)
}

const css = `
  :root { color-scheme: light dark; --ink: #1a1f36; --paper: #fff; --line: #d8dde6; --accent: #4f46e5; --alert: #b42318 }
  @media (prefers-color-scheme: dark) {
    :root { --ink: #eef0f6; --paper: #15182a; --line: #3a4060; --alert: #ffb4a8 }
  }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink);
    font: 16px/1.5 system-ui, sans-serif }
  main { width: min(24rem, 100vw - 3rem); padding: 2rem 0 }
  h1 { margin: 0; font-size: 1.1rem; font-weight: 500 }
  .badge { display: inline-block; margin: 0 0 1.5rem; padding: .1rem .6rem; border-radius: 1rem; font-size: .8rem;
    background: #ffe8b3; color: #6b4400 }
  .total { margin: 0 0 1.5rem; font-size: 2.2rem; font-weight: 650; letter-spacing: -.02em }
  .email { opacity: .75 }
  [role=alert] { color: var(--alert); font-weight: 600 }
  ul { list-style: none; padding: 0; border-block: 1px solid var(--line) }
  li { display: flex; justify-content: space-between; padding: .4rem 0 }
  form { display: grid; gap: .6rem }
  button { font: inherit; padding: .7rem 1rem; border: 1px solid var(--line); border-radius: .5rem; background: none;
    color: inherit; cursor: pointer }
  button:hover { border-color: currentColor }
  button:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
  .pay { background: var(--accent); border-color: var(--accent); color: #fff; font-weight: 600 }
  .quiet { border-color: transparent; opacity: .8 }
`
