import { connect } from 'node:net'
import { eventually, serviceNames } from '@spawnpoint/stack'
import { checkoutSession, signedWebhook, stripeEvent } from '@spawnpoint/stripe-simulator'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

let shop: Shop
let nats: Server
let mysql: Server

beforeAll(async () => {
  shop = await openShop({ timeScale: 0.05, ownMysql: true })
  nats = ours(shop.stack.nats)
  mysql = ours(shop.stack.mysql)
}, 120_000)

afterEach(() => shop.stripe.removeFaults())
afterAll(() => shop?.[Symbol.asyncDispose]())

type Name = (typeof serviceNames)[number]
type Server = { kill(): Promise<void>; start(): Promise<void> }

describe('A service starts before what it needs is there', () => {
  test('the gateway accepts webhooks without NATS, the others are alive, and sales start once it is there', async () => {
    await stopServices()
    await nats.kill()
    const started = startServices()
    await eventually(async () => expect(await answers('/livez')).toEqual([200, 200, 200]), {
      timeoutMs: 20_000,
    })

    await eventually(async () => expect(await statusOf('billing-gateway', '/readyz')).toBe(200))
    expect(await bodyOf('billing-gateway', '/health')).toMatchObject({
      status: 'degraded',
      failing: { nats: expect.stringContaining('outbox') },
    })
    expect((await deliverUnused()).status).toBe(200)
    expect(await statusOf('order', '/readyz')).toBe(503)
    expect(await bodyOf('order', '/readyz')).toMatchObject({ failing: ['nats'] })
    expect(await bodyOf('provisioner', '/health')).toMatchObject({ status: 'degraded' })

    await nats.start()
    await started
    await sellsOneServer()
  })

  test('all services without MySQL are alive, report why they are not ready, and sell once it is there', async () => {
    await stopServices()
    await mysql.kill()
    const started = startServices()
    await eventually(async () => expect(await answers('/livez')).toEqual([200, 200, 200]), {
      timeoutMs: 20_000,
    })

    expect(await answers('/readyz')).toEqual([503, 503, 503])
    for (const name of serviceNames) {
      expect(await bodyOf(name, '/readyz')).toEqual({
        status: 'not ready',
        failing: expect.arrayContaining([expect.stringMatching(/^(mysql|database)$/)]),
      })
      expect(await statusOf(name, '/health')).toBe(503)
    }
    expect((await deliverUnused()).status).toBe(503)

    await mysql.start()
    await started
    await sellsOneServer()
  })
})

describe('A service stops', () => {
  test('one after the other while buyers pay: within ten seconds, with nothing lost, doubled or processed again', async () => {
    const paid: Promise<string>[] = []
    const finished = new Map<string, Set<string>>()
    let isOpen = true
    const buying = (async () => {
      while (isOpen) {
        paid.push(buy())
        await new Promise((resolve) => setTimeout(resolve, 150))
      }
    })()
    for (const name of serviceNames) {
      const service = shop.stack.services[name]
      const before = paid.length
      await eventually(() => expect(paid.length).toBeGreaterThan(before + 4), { timeoutMs: 20_000 })
      const begun = performance.now()
      expect(await service.stop()).toMatchObject({ code: 0, signal: null })
      expect(performance.now() - begun).toBeLessThan(10_000)
      expect(service.tail(400)).toContain('"msg":"Stopped"')
      finished.set(name, processedBy(service))
      await service.start()
    }
    isOpen = false
    await buying
    for (const id of await Promise.all(paid)) {
      await shop.becomes(id, 'provisioned', 60_000)
      expect(shop.serversOf(id)).toHaveLength(1)
    }
    for (const name of serviceNames) {
      const again = [...processedBy(shop.stack.services[name])].filter((id) => finished.get(name)?.has(id))
      expect(again).toEqual([])
    }
    // The gateway processes requests; the others have processed every order.
    expect(finished.get('order')?.size).toBeGreaterThan(4)
  })

  test('after answering requests under way, accepting no new ones', async () => {
    slowCheckouts()
    const placing = placeOnce()
    await eventually(() => expect(checkoutsUnderWay()).toBe(true))
    const { order } = shop.stack.services
    const stopped = order.stop()
    await eventually(() => expect(isListening(order.port)).resolves.toBe(false))
    expect((await placing).status).toBe(201)
    expect(await stopped).toMatchObject({ code: 0 })
    await order.start()
  })

  test('at once on a second signal', async () => {
    slowCheckouts(5_000)
    const placing = placeOnce().catch(() => undefined)
    await eventually(() => expect(checkoutsUnderWay()).toBe(true))
    const { order } = shop.stack.services
    const gone = order.exited()
    process.kill(order.pid(), 'SIGTERM')
    await eventually(() => expect(order.tail(50)).toContain('"msg":"Stopping"'))
    const begun = performance.now()
    process.kill(order.pid(), 'SIGTERM')
    expect(await gone).toMatchObject({ code: 1 })
    expect(performance.now() - begun).toBeLessThan(2_500)
    await placing
    await order.start()
  })

  test.each([
    ['NATS', () => nats.kill(), () => nats.start()],
    ['MySQL', () => mysql.kill(), () => mysql.start()],
  ])('within ten seconds with %s away', async (_, takeAway, bringBack) => {
    await takeAway()
    const begun = performance.now()
    await stopServices()
    expect(performance.now() - begun).toBeLessThan(11_000)
    await bringBack()
    await startServices()
    await sellsOneServer()
  })
})

function ours(server: object): Server {
  if (!isOurs(server)) throw new Error('This server is not of our own')
  return server
}

function isOurs(server: object): server is Server {
  return 'kill' in server && 'start' in server
}

function stopServices() {
  return Promise.all(serviceNames.map((name) => shop.stack.services[name].stop()))
}

function startServices() {
  return Promise.all(serviceNames.map((name) => shop.stack.services[name].start()))
}

function answers(path: string): Promise<number[]> {
  return Promise.all(serviceNames.map((name) => statusOf(name, path)))
}

async function statusOf(name: Name, path: string): Promise<number> {
  const response = await fetch(shop.stack.services[name].url + path)
  await response.arrayBuffer()
  return response.status
}

async function bodyOf(name: Name, path: string): Promise<unknown> {
  return (await shop.send(name, 'GET', path)).json()
}

async function sellsOneServer() {
  const id = await buy()
  await shop.becomes(id, 'provisioned', 60_000)
  expect(shop.serversOf(id)).toHaveLength(1)
}

async function buy(): Promise<string> {
  const { id, checkoutUrl } = await shop.placeOrder()
  await shop.pay(checkoutUrl)
  return id
}

function placeOnce(): Promise<Response> {
  const orderRequest = {
    plan: 'small',
    region: 'eu',
    customer: { email: 'kim@example.com', name: 'Kim' },
    server_name: 'Home',
  }
  return shop.send('order', 'POST', '/orders', orderRequest, { 'idempotency-key': crypto.randomUUID() })
}

let slowedBefore = 0

function slowCheckouts(ms = 1_500) {
  slowedBefore = slowed()
  shop.stripe.addApiFault({
    when: { method: 'POST', path: '/checkout/sessions' },
    do: { kind: 'slow', ms },
  })
}

// Those of the tests before do not count.
function checkoutsUnderWay(): boolean {
  return slowed() > slowedBefore
}

function slowed(): number {
  return shop.stripe.state().faults.reduce((sum, { fired }) => sum + fired, 0)
}

function deliverUnused(): Promise<Response> {
  const event = stripeEvent('checkout.session.completed', checkoutSession({ metadata: {} }))
  const { body, headers } = signedWebhook(event, shop.stripe.webhookSecret)
  return fetch(`${shop.stack.services['billing-gateway'].url}/webhooks/stripe`, {
    method: 'POST',
    headers,
    body,
  })
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('error', () => resolve(false))
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
  })
}

/** The events that this process has decided and acknowledged, by its log. */
function processedBy(service: { tail(lines: number): string }): Set<string> {
  const ids = service.tail(2_000).matchAll(/"eventId":"([^"]+)"[^\n]*"msg":"Processed /g)
  return new Set([...ids].map(([, id]) => id ?? ''))
}
