import { randomUUID } from 'node:crypto'
import { watchEvents } from '@spawnpoint/messaging'
import { callService } from '../call-service.ts'
import { eventually } from '../eventually.ts'
import type { Stack } from '../start-stack.ts'
import { demo } from './seed.ts'

export type Sale = {
  orderId: string
  /** From the buyer's click on Pay, a moment before Stripe's webhook, to the order having its server. */
  webhookToProvisionedMs: number
  /** Servers on the panel that carry this order's id: exactly one is right. */
  provisioned: number
  serverIdentifier: string
}

/** One buyer, one order, one payment; done when the order has its server. */
export async function sellOneServer(
  stack: Stack,
  onEvent: (type: string, at: number) => void,
): Promise<Sale> {
  const { orderId, checkoutUrl } = await placeOrder(stack)
  await using _ = await watchEvents({
    natsUrl: stack.nats.url,
    onEvent: ({ type, data }) => {
      if (data.order_id === orderId && type !== 'order.placed') onEvent(type, Date.now())
    },
  })
  const paidAt = Date.now()
  onEvent('buyer pays', paidAt)
  await callService(checkoutUrl, { method: 'POST', body: { outcome: 'paid' } })
  const serverIdentifier = await eventually(
    async () => {
      const order = await readOrder(stack, orderId)
      if (order.status === 'provisioned') return order.ptero_identifier ?? ''
      throw new Error(
        `Order ${orderId} is ${order.status}${order.error_message ? `: ${order.error_message}` : ''}`,
      )
    },
    { timeoutMs: 60_000, everyMs: 5 },
  )
  const webhookToProvisionedMs = Date.now() - paidAt
  return {
    orderId,
    webhookToProvisionedMs,
    serverIdentifier,
    provisioned: await countServers(stack, orderId),
  }
}

async function placeOrder({ services, apiKey }: Stack): Promise<{ orderId: string; checkoutUrl: string }> {
  const { plan, region, customer, serverName } = demo
  const placed = (await callService(`${services.order.url}/orders`, {
    method: 'POST',
    body: { plan, region, customer, server_name: serverName },
    headers: { 'idempotency-key': randomUUID() },
    apiKey,
  })) as { id: string; checkout_url: string }
  return { orderId: placed.id, checkoutUrl: placed.checkout_url }
}

async function readOrder({ services, apiKey }: Stack, orderId: string) {
  return (await callService(`${services.order.url}/orders/${orderId}`, { apiKey })) as {
    status: string
    ptero_identifier: string | null
    error_message: string | null
  }
}

// Asked of the panel itself, by the API that the provisioner uses.
async function countServers({ panel }: Stack, orderId: string): Promise<number> {
  if (!panel) throw new Error('Only the servers of the simulated panel are counted')
  const { data } = (await callService(`${panel.url}/api/application/servers?per_page=10000`, {
    apiKey: panel.token,
  })) as {
    data: { attributes: { external_id: string | null } }[]
  }
  return data.filter(({ attributes }) => attributes.external_id === orderId).length
}
