import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { eventually, inSoak, type ServiceName, serviceNames } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { seeded } from './fuzz-random.ts'
import { type FuzzRequest, mutated, templatesOf } from './fuzz-requests.ts'
import { openShop, type Shop } from './shop.ts'

const count = Number(process.env.FUZZ_REQUESTS ?? inSoak(5_000, 1_500))
const seed = Number(process.env.FUZZ_SEED ?? 1)
const atOnce = 16
const maxGrowthMb = 100

let shop: Shop
const agent = new Agent({ keepAlive: true, maxSockets: atOnce })
const crashed: string[] = []

beforeAll(async () => {
  shop = await openShop()
  for (const name of serviceNames)
    void shop.stack.services[name]
      .exited()
      .then((exit) => exit.wanted || crashed.push(`${name}: ${JSON.stringify(exit)}`))
}, 120_000)

afterAll(async () => {
  agent.destroy()
  await shop?.[Symbol.asyncDispose]()
})

test(
  `${count} mutated requests (seed ${seed}): no 5xx, no crash, no growth, and a server is sold afterwards`,
  async () => {
    const templates = templatesOf(await documents())
    const random = seeded(seed)
    const statuses = new Map<string, number>()
    const wrong: string[] = []
    let serial = 0

    async function sendUntil(end: number) {
      while (serial < end) {
        serial += 1
        const template = templates[random.below(templates.length)] ?? templates[0]
        if (!template) throw new Error('There are no templates')
        const sent = mutated(template, {
          random,
          serial,
          apiKey: shop.stack.apiKey,
          webhookSecret: shop.stripe.webhookSecret,
        })
        const answer = random.chance(0.03)
          ? await sendRaw(sent, random.below(2 ** 31))
          : await sendAgain(sent)
        const key = `${sent.service} ${answer.status}`
        statuses.set(key, (statuses.get(key) ?? 0) + 1)
        if (answer.status >= 500 || answer.status === 0 || !isProblem(answer))
          wrong.push(`#${serial} ${answer.status} ${show(sent)} → ${answer.body.slice(0, 300)}`)
      }
    }
    const flood = (end: number) => Promise.all(Array.from({ length: atOnce }, () => sendUntil(end)))

    // What a process needs once, it needs after a fifth of them.
    const begun = performance.now()
    const memory: Record<ServiceName, number>[] = []
    for (const fifth of [1, 2, 3, 4, 5]) {
      await flood((count / 5) * fifth)
      memory.push(memoryNow())
    }
    const seconds = Math.round((performance.now() - begun) / 100) / 10
    process.stderr.write(
      `${JSON.stringify({ count, seed, seconds, statuses: Object.fromEntries([...statuses].sort()), memory, wrong: wrong.length })}\n`,
    )

    expect(crashed).toEqual([])
    expect(wrong.slice(0, 20)).toEqual([])
    for (const name of serviceNames) {
      const [first = 0, ...later] = memory.map((fifth) => fifth[name])
      expect(Math.max(...later) - first).toBeLessThan(maxGrowthMb)
    }
    const { id, checkoutUrl } = await shop.placeOrder()
    await shop.pay(checkoutUrl)
    await shop.becomes(id, 'provisioned', 60_000)
    expect(shop.serversOf(id)).toHaveLength(1)
    // Nobody paid what it costs, so nobody else got one.
    await eventually(() =>
      expect(shop.panel.state().servers.filter(({ external_id }) => external_id)).toHaveLength(1),
    )
  },
  60_000 + count * 20,
)

type Answer = { status: number; type: string; body: string }

/** Every refusal states its reason, in the one form. */
function isProblem({ status, type, body }: Answer): boolean {
  if (status < 400 || body === '') return true
  return type.startsWith('application/problem+json') || type.startsWith('application/json')
}

/** As a client does: 503 is an answer too, of a service whose peer took longer than its time, and the next one is another. */
async function sendAgain(sent: FuzzRequest): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send(sent)
    if (answer.status !== 503 || attempt === 3) return answer
  }
}

function send({ service, method, path, headers, body }: FuzzRequest): Promise<Answer> {
  return new Promise((resolve) => {
    const failed = (error: unknown) => resolve({ status: 0, type: '', body: String(error) })
    const { port } = shop.stack.services[service]
    const sending = request(
      {
        host: '127.0.0.1',
        port,
        agent,
        method,
        path,
        headers: { ...headers, 'content-length': body.length },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('error', failed)
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'] ?? '',
            body: Buffer.concat(chunks).toString(),
          }),
        )
      },
    )
    sending.on('error', failed)
    sending.end(body)
  })
}

/** The same request with its bytes flipped on the wire, which Node's own client would not send. */
function sendRaw({ service, method, path, headers, body }: FuzzRequest, seed: number): Promise<Answer> {
  const lines = [`${method} ${path} HTTP/1.1`, 'host: 127.0.0.1', `content-length: ${body.length}`]
  for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`)
  const bytes = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body])
  const random = seeded(seed)
  for (let left = random.below(4); left > 0; left -= 1)
    bytes.writeUInt8(random.below(256), random.below(bytes.length))
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(shop.stack.services[service].port, '127.0.0.1')
    socket.on('data', (chunk) => chunks.push(chunk))
    // It may be cut off: what counts is that no answer is a 5xx.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString()
      const status = Number(/^HTTP\/1.1 (\d{3})/.exec(text)?.[1] ?? 400)
      const type = /^content-type: (.*)$/im.exec(text)?.[1] ?? ''
      resolve({ status, type, body: type === '' ? '' : text })
    })
    socket.end(bytes)
  })
}

function show({ service, method, path, headers, body }: FuzzRequest): string {
  return `${service} ${method} ${path.slice(0, 200)} ${JSON.stringify(headers).slice(0, 300)} ${body.toString().slice(0, 300)}`
}

function memoryNow(): Record<ServiceName, number> {
  const { services } = shop.stack
  return {
    'billing-gateway': services['billing-gateway'].rssMb(),
    order: services.order.rssMb(),
    provisioner: services.provisioner.rssMb(),
  }
}

async function documents() {
  const [gateway, order, provisioner] = await Promise.all(
    serviceNames.map(async (name): Promise<{ paths: Record<string, object> }> => {
      return JSON.parse(await (await shop.send(name, 'GET', '/openapi.json')).text())
    }),
  )
  if (!gateway || !order || !provisioner) throw new Error('Each service has an OpenAPI document')
  return { 'billing-gateway': gateway, order, provisioner }
}
