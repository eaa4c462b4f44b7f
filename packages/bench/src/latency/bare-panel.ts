import { sold } from '../sale-path/catalogue.ts'
import type { SalePath } from '../sale-path/open-sale-path.ts'

type Answer = { status: number; body: unknown }
type Listed = { data: { attributes: { id: number } }[] }

/** The calls of the sale path, with the same bodies; a response without news is not parsed. */
export function openBarePanel({ panel }: SalePath, nodes: number[]) {
  let turn = 0
  let free: number[] = []

  async function call(path: string, body?: unknown): Promise<Answer> {
    const response = await fetch(`${panel.url}/api/application${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        authorization: `Bearer ${panel.token}`,
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    return { status: response.status, body: await response.json() }
  }

  async function made(path: string, body: unknown): Promise<number> {
    const answer = await call(path, body)
    if (answer.status !== 201)
      throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return (answer.body as { attributes: { id: number } }).attributes.id
  }

  async function findPorts(): Promise<number[]> {
    await call('/nodes?per_page=200&page=1')
    const node = nodes[turn++ % nodes.length]
    const { body } = await call(`/nodes/${node}/allocations?filter[server_id]=false&per_page=1000`)
    return (body as Listed).data.map(({ attributes }) => attributes.id)
  }

  return {
    lookup: (orderId: string) => call(`/servers/external/${orderId}?include=allocations`),

    async makeUser(email: string): Promise<number> {
      await call(`/users?filter[email]=${encodeURIComponent(email)}&per_page=100&page=1`)
      const [username] = email.split('@')
      return await made('/users', { email, username, first_name: 'Bare', last_name: '-' })
    },

    /** A free one, from the other end than ours begins at; as there, many orders share one look. */
    async findPort(): Promise<number> {
      if (free.length === 0) free = await findPorts()
      const allocation = free.pop()
      if (allocation === undefined) throw new Error('No node has a free port')
      return allocation
    },

    create: ({ orderId, user, allocation }: { orderId: string; user: number; allocation: number }) =>
      made('/servers?include=allocations', {
        external_id: orderId,
        name: 'Bare server',
        description: `Order ${orderId}`,
        user,
        egg: sold.egg,
        docker_image: 'ghcr.io/pterodactyl/yolks:java_21',
        startup: 'java -jar {{SERVER_JARFILE}}',
        environment: {
          MINECRAFT_VERSION: 'latest',
          SERVER_JARFILE: 'server.jar',
          DL_PATH: '',
          BUILD_NUMBER: 'latest',
        },
        limits: { memory: sold.memory, swap: 0, disk: sold.disk, io: 500, cpu: 100 },
        feature_limits: { databases: 0, allocations: 0, backups: 0 },
        oom_disabled: false,
        allocation: { default: allocation },
      }),
  }
}
