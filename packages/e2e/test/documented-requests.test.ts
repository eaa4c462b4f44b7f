import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

// What the documentation shows works as it stands there.

const root = fileURLToPath(new URL('../../..', import.meta.url))
const pages = execFileSync('git', ['ls-files', 'README.md', '*/README.md'], { cwd: root, encoding: 'utf8' })
  .trim()
  .split('\n')
  .map((page) => ({ page, text: readFileSync(`${root}/${page}`, 'utf8') }))
const services = ['order', 'provisioner', 'billing-gateway'] as const

let shop: Shop
let ids: Record<string, string> = {}

beforeAll(async () => {
  shop = await openShop()
  await shop.send('order', 'PUT', '/admin/plans/minecraft-small', {
    ...{ name: 'Minecraft S', amount: 999, currency: 'eur', interval: 'month' },
  })
  await shop.send('provisioner', 'PUT', '/admin/plan-specs/minecraft-small', {
    ...{ ptero_egg_id: 1, limits: { memory: 1024, disk: 5120, cpu: 100 } },
  })
  const { id, checkoutUrl } = await shop.placeOrder({ plan: 'minecraft-small' })
  await shop.pay(checkoutUrl)
  await shop.becomes(id, 'provisioned')
  ids = await idsOf(shop)
})
afterAll(() => shop[Symbol.asyncDispose]())

describe('Documentation', () => {
  test('every request that it names is a route of a service', async () => {
    const routes = (await Promise.all(services.map(routesOf))).flat()
    expect(routes.length).toBeGreaterThan(30)
    const named = pages
      .filter(({ page }) => !page.includes('-simulator/'))
      .flatMap(({ page, text }) => requestsIn(text).map((request) => ({ page, request })))
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter(({ request }) => !routes.some((route) => route.test(request)))).toEqual([])
  })

  test('every curl command that it shows succeeds', async () => {
    const commands = pages.flatMap(({ page, text }) => curlsIn(text).map((command) => ({ page, command })))
    expect(commands.length).toBeGreaterThan(10)
    const failed = []
    for (const { page, command } of commands) {
      const response = await run(command)
      if (!response.ok) failed.push({ page, command, status: response.status, answer: await response.text() })
      else if (command.includes('/disputes ')) ids.du = idIn(await response.json())
    }
    expect(failed).toEqual([])
  })
})

async function routesOf(service: (typeof services)[number]): Promise<RegExp[]> {
  const response = await fetch(`${shop.stack.services[service].url}/openapi.json`)
  const { paths } = (await response.json()) as { paths: Record<string, Record<string, unknown>> }
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map(
      (method) => new RegExp(`^${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
    ),
  )
}

function requestsIn(text: string): string[] {
  const named = text.matchAll(/(?<![\w-])(GET|POST|PUT|PATCH|DELETE)\s+(\/(?!v1)[\w:{}/-]+)/g)
  return [...named].map(([, method, path]) => `${method} ${path}`)
}

function curlsIn(text: string): string[] {
  const blocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block)
  return blocks
    .flatMap((block) => block.replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => line.startsWith('curl '))
}

/** As a shell and curl read it; `…` stands for the headers that the page showed before. */
function run(command: string): Promise<Response> {
  const words = [...filled(command).matchAll(/'([^']*)'|(\S+)/g)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  )
  const end = words.indexOf('#')
  const used = end === -1 ? words : words.slice(0, end)
  const options = (name: string) =>
    used.flatMap((word, index) => (word === name ? [used[index + 1] ?? ''] : []))
  const [body] = options('-d')
  const [user] = options('-u')
  const url = used.find((word) => word.startsWith('localhost:')) ?? ''
  const headers = new Headers(options('-H').map((line) => line.split(': ') as [string, string]))
  if (user) headers.set('authorization', `Basic ${btoa(user)}`)
  else if (!headers.has('authorization')) headers.set('authorization', `Bearer ${shop.stack.apiKey}`)
  if (body) headers.set('content-type', 'application/json')
  const method = options('-X')[0] ?? (body ? 'POST' : 'GET')
  return fetch(addressOf(url), { method, headers, ...(body ? { body } : {}) })
}

function filled(command: string): string {
  return command
    .replaceAll('<key>', shop.stack.apiKey)
    .replaceAll('<yours>', randomUUID())
    .replaceAll(/\b(sk_test|sub|cus|pi|du)_…/g, (_, prefix: string) => ids[prefix] ?? `no-${prefix}`)
    .replaceAll(' … ', ' ')
}

function addressOf(url: string): string {
  const { services: running } = shop.stack
  const bases: Record<string, string> = {
    3001: running['billing-gateway'].url,
    3002: running.order.url,
    3003: running.provisioner.url,
    3011: shop.stripe.url,
  }
  return url.replace(
    /^localhost:(\d+)/,
    (_, port: string) => bases[port] ?? `http://nobody-listens-on-${port}`,
  )
}

async function idsOf({ stripe }: Shop): Promise<Record<string, string>> {
  const headers = { authorization: `Bearer ${stripe.secretKey}` }
  const listed = async (what: string) => {
    const response = await fetch(`${stripe.url}/v1/${what}`, { headers })
    return ((await response.json()) as { data: { id: string; customer: string }[] }).data[0]
  }
  const subscription = await listed('subscriptions')
  const intent = await listed('payment_intents')
  if (!subscription || !intent) throw new Error('The sale left no subscription')
  return { sk_test: stripe.secretKey, sub: subscription.id, cus: subscription.customer, pi: intent.id }
}

function idIn(body: unknown): string {
  return (body as { id: string }).id
}
