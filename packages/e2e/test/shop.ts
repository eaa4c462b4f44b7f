import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { demoPanel, type PanelSetup } from '@spawnpoint/panel-simulator'
import { eventually, type Stack, startStack, testDirectory, testMysqlUrl } from '@spawnpoint/stack'

export type Shop = AsyncDisposable & Awaited<ReturnType<typeof openShop>>

/**
 * The whole stack, a plan and a region, and the hands of a buyer. Durations are `timeScale` of the real ones. With `ownMysql`
 * no other test shares the database server: it may be killed.
 */
export async function openShop({
  timeScale = 0.1,
  ownMysql = false,
  setup = demoPanel(),
  env = {},
}: {
  timeScale?: number
  ownMysql?: boolean
  setup?: PanelSetup
  /** A seller's choices. */
  env?: Record<string, string>
} = {}) {
  const dataDir = testDirectory('e2e')
  const stack = await startStack({
    dataDir,
    // Most orders of a test are the same customer's.
    env: { MAX_OPEN_ORDERS_PER_CUSTOMER: '1000', ...env, ...(ownMysql ? {} : { MYSQL_URL: testMysqlUrl() }) },
    // MySQL has room for 32 characters in the name of a user.
    prefix: `e2e_${randomUUID().slice(0, 4)}_`,
    timeScale,
    panel: { install: { mode: 'at-once' }, rateLimitPerMinute: null, setup },
  })
  const { services, apiKey } = stack
  const send = (
    service: keyof Stack['services'],
    method: string,
    path: string,
    body?: unknown,
    headers = {},
  ) =>
    fetch(services[service].url + path, {
      method,
      headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  await send('order', 'PUT', '/admin/plans/small', { name: 'Small', amount: 999, currency: 'eur' })
  await send('order', 'PUT', '/admin/regions/eu', { name: 'Europe' })
  await send('provisioner', 'PUT', '/admin/plan-specs/small', {
    ptero_egg_id: 1,
    limits: { memory: 1024, swap: 0, disk: 5120, io: 500, cpu: 100 },
    environment: {},
  })
  await send('provisioner', 'PUT', '/admin/region-nodes/eu', { nodes: [1, 2, 3] })

  async function placeOrder({
    email = 'alex@example.com',
    plan = 'small',
  } = {}): Promise<{ id: string; checkoutUrl: string }> {
    const idempotencyKey = randomUUID()
    const orderRequest = { plan, region: 'eu', customer: { email, name: 'Alex' }, server_name: 'Home' }
    return eventually(
      async () => {
        const response = await send('order', 'POST', '/orders', orderRequest, {
          'idempotency-key': idempotencyKey,
        })
        if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`)
        const { id, checkout_url } = (await response.json()) as { id: string; checkout_url: string }
        return { id, checkoutUrl: checkout_url }
      },
      { timeoutMs: 30_000, everyMs: 200 },
    )
  }

  async function pay(checkoutUrl: string, outcome = 'paid'): Promise<{ session: { id: string } }> {
    const response = await fetch(checkoutUrl, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ outcome }),
    })
    return (await response.json()) as { session: { id: string } }
  }

  async function orderOf(id: string) {
    const response = await send('order', 'GET', `/orders/${id}`)
    return (await response.json()) as {
      id: string
      status: string
      ptero_identifier: string | null
      error_message: string | null
    }
  }

  const becomes = (id: string, status: string, timeoutMs = 30_000) =>
    eventually(
      async () => {
        const order = await orderOf(id)
        if (order.status !== status) throw new Error(`Order ${id} is ${order.status}: ${order.error_message}`)
        return order
      },
      { timeoutMs, everyMs: 50 },
    )

  /** What the seller does with an order after the sale. */
  async function instruct(id: string, what: string, more: object = {}): Promise<void> {
    const response = await send('order', 'POST', `/admin/orders/${id}/${what}`, { reason: 'a test', ...more })
    if (!response.ok) throw new Error(`${what}: ${response.status}: ${await response.text()}`)
  }

  const serversOf = (orderId: string) =>
    simulated(stack)
      .panel.state()
      .servers.filter((server) => server.external_id === orderId)

  return {
    stack,
    send,
    placeOrder,
    pay,
    orderOf,
    becomes,
    instruct,
    serversOf,
    ...simulated(stack),
    async [Symbol.asyncDispose]() {
      await stack[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

function simulated({ stripe, panel }: Stack) {
  if (!stripe || !panel) throw new Error('Stripe and the panel are simulated here')
  return { stripe, panel }
}
