import { type Agent, request } from 'node:http'
import { connect } from 'node:net'
import { type ServiceName, serviceNames } from '@spawnpoint/stack'
import { seeded } from './fuzz-random.ts'
import type { FuzzRequest } from './fuzz-requests.ts'
import type { Shop } from './shop.ts'

export type Answer = { status: number; type: string; body: string; retryAfter?: string | undefined }

export type Target = { shop: Shop; agent: Agent }

/** Every refusal states its reason, in the one form. */
export function isProblem({ status, type, body }: Answer): boolean {
  if (status < 400 || body === '') return true
  return type.startsWith('application/problem+json') || type.startsWith('application/json')
}

/** As a client does: 503 is an answer too, of a service whose peer took longer than its time, and the next one is another. */
export async function sendAgain(to: Target, sent: FuzzRequest): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send(to, sent)
    if (answer.status !== 503 || attempt === 3) return answer
  }
}

function send(
  { shop, agent }: Target,
  { service, method, path, headers, body }: FuzzRequest,
): Promise<Answer> {
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
            retryAfter: response.headers['retry-after'],
          }),
        )
      },
    )
    sending.on('error', failed)
    sending.end(body)
  })
}

/** The same request with its bytes flipped on the wire, which Node's own client would not send. */
export function sendRaw(
  { shop }: Target,
  { service, method, path, headers, body }: FuzzRequest,
  seed: number,
): Promise<Answer> {
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

export function show({ service, method, path, headers, body }: FuzzRequest): string {
  return `${service} ${method} ${path.slice(0, 200)} ${JSON.stringify(headers).slice(0, 300)} ${body.toString().slice(0, 300)}`
}

export function memoryNow({ stack }: Shop): Record<ServiceName, number> {
  const { services } = stack
  return {
    'billing-gateway': services['billing-gateway'].rssMb(),
    order: services.order.rssMb(),
    provisioner: services.provisioner.rssMb(),
  }
}

export async function documents(shop: Shop) {
  const [gateway, order, provisioner] = await Promise.all(
    serviceNames.map(async (name): Promise<{ paths: Record<string, object> }> => {
      return JSON.parse(await (await shop.send(name, 'GET', '/openapi.json')).text())
    }),
  )
  if (!gateway || !order || !provisioner) throw new Error('Each service has an OpenAPI document')
  return { 'billing-gateway': gateway, order, provisioner }
}
