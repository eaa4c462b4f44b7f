import type { Stack } from '@spawnpoint/stack'
import type { StripeSimulator } from '@spawnpoint/stripe-simulator'
import { region } from './catalogue.ts'
import type { PlannedOrder } from './schedule-orders.ts'

export type Shop = ReturnType<typeof openShop>

export type OrderSeen = {
  id: string
  status: string
  billing_status: string
  server_name: string
  amount: number
  currency: string
  ptero_server_id: number | null
  ptero_identifier: string | null
  error_message: string | null
}

/** The seller's website: what anybody with an API key can do and see from outside. */
export function openShop({ services, apiKey }: Pick<Stack, 'services' | 'apiKey'>, stripe: StripeSimulator) {
  const orders = `${services.order.url}/orders`
  const authorization = `Bearer ${apiKey}`

  return {
    /** Null while the shop cannot take it; the same order may be sent again. */
    async place(order: PlannedOrder): Promise<{ id: string; checkout_url: string } | null> {
      const answer = await ask(orders, {
        method: 'POST',
        headers: {
          authorization,
          'content-type': 'application/json',
          'idempotency-key': `order-${order.number}`,
        },
        body: JSON.stringify({
          plan: order.plan,
          region,
          customer: { email: order.email, name: 'Chaos Buyer' },
          server_name: order.serverName,
        }),
      })
      if (answer?.status === 201) return JSON.parse(answer.body) as { id: string; checkout_url: string }
      if (!answer || answer.status >= 500) return null
      throw new Error(`POST /orders was answered ${answer.status}: ${answer.body}`)
    },

    /** Every order there is; null while the order API does not answer. */
    async allOrders(): Promise<OrderSeen[] | null> {
      const seen: OrderSeen[] = []
      for (let after = ''; ; ) {
        const answer = await ask(`${orders}?limit=100${after}`, { headers: { authorization } })
        if (answer?.status !== 200) return null
        const page = JSON.parse(answer.body) as { data: OrderSeen[]; next_cursor: string | null }
        seen.push(...page.data)
        if (page.next_cursor === null) return seen
        after = `&starting_after=${page.next_cursor}`
      }
    },

    /** A checkout of the seller's own, as behind a Payment Link: no order stands behind it. */
    async openSession({ email, name, amount, currency, metadata }: LinkOptions): Promise<string> {
      const session = await atStripe('/v1/checkout/sessions', {
        mode: 'payment',
        success_url: 'https://example.com/thank-you',
        customer_email: email,
        'line_items[0][quantity]': '1',
        'line_items[0][price_data][currency]': currency,
        'line_items[0][price_data][unit_amount]': String(amount),
        'line_items[0][price_data][product_data][name]': name,
        ...Object.fromEntries(Object.entries(metadata).map(([key, value]) => [`metadata[${key}]`, value])),
      })
      return session.id
    },

    /** Another plan for a subscription, or its end; null while the shop cannot say; refused where its order is not in a state for it. */
    async change(orderId: string, what: 'plan' | 'cancel', body: object): Promise<'done' | 'refused' | null> {
      const answer = await ask(`${orders}/${orderId}/${what}`, {
        method: 'POST',
        headers: { authorization, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      if (answer?.status === 200) return 'done'
      return answer?.status === 409 ? 'refused' : null
    },

    expireSession: (id: string) => atStripe(`/v1/checkout/sessions/${id}/expire`, {}),
  }

  // The seller's own calls fail as the gateway's do, and are repeated: none of them is what is tested here.
  async function atStripe(path: string, form: Record<string, string>): Promise<{ id: string }> {
    for (let attempt = 1; ; attempt++) {
      const answer = await ask(`${stripe.url}${path}`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${stripe.secretKey}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        body: new URLSearchParams(form).toString(),
      })
      if (answer?.status === 200) return JSON.parse(answer.body) as { id: string }
      if (attempt >= 50) throw new Error(`POST ${path} failed: ${answer?.status} ${answer?.body}`)
    }
  }
}

type LinkOptions = {
  email: string
  name: string
  amount: number
  currency: string
  metadata: Record<string, string>
}

/** Null when there was no answer. */
async function ask(url: string, init: RequestInit): Promise<{ status: number; body: string } | null> {
  try {
    const response = await fetch(url, { ...init, signal: AbortSignal.timeout(30_000) })
    return { status: response.status, body: await response.text() }
  } catch {
    return null
  }
}
