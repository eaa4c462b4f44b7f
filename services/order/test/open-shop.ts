import {
  type CheckedOrder,
  checkOrder,
  type Envelope,
  type Payment,
  type Reserve,
  reserve,
  type ServerState,
} from '@spawnpoint/contracts'
import { adapter } from '@spawnpoint/database'
import {
  answerRequests,
  appendOutbox,
  connectNats,
  newEvent,
  RequestRefused,
  startMessaging,
} from '@spawnpoint/messaging'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually, owning, testDatabase, testNats } from '@spawnpoint/stack'
import { envSchema } from '../src/env.ts'
import { PrismaClient } from '../src/generated/client.ts'
import { startOrder } from '../src/service.ts'

const secret = 'test-secret-0123456789'
const log = createLogger({ service: 'test', level: 'silent' })

export type Shop = Awaited<ReturnType<typeof openShop>>

/** The service with a plan and a region on a schema and a NATS of its own, and the voices of its two neighbours. */
export async function openShop(env: Record<string, string> = {}) {
  const owned = owning()
  const database = owned.own(await testDatabase('orders'))
  const nats = owned.own(await testNats())
  const service = owned.own(
    await startOrder(
      envSchema.parse({
        DATABASE_URL: database.url,
        NATS_URL: nats.url,
        PORT: '0',
        LOG_LEVEL: 'silent',
        TIME_SCALE: '0.1',
        API_KEYS: `shop:${secret}`,
        ...env,
      }),
    ),
  )
  const prisma = new PrismaClient({ adapter: adapter(database.url) })
  owned.own({ [Symbol.asyncDispose]: () => prisma.$disconnect() })
  const url = `http://127.0.0.1:${service.port}`

  const send = (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) =>
    fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
  await send('PUT', '/admin/plans/small', { name: 'Small', amount: 999, currency: 'eur' })
  await send('PUT', '/admin/regions/eu', { name: 'Europe' })

  const billing = owned.own(await neighbour('BILLING', nats.url))
  const provisioner = owned.own(await neighbour('SERVER', nats.url))
  const places = owned.own(await openPlaces(nats.url))

  return {
    url,
    secret,
    prisma,
    nats,
    places,
    databaseUrl: database.url,
    send,
    sayPayment: (data: Payment) =>
      billing.say({
        type: newsOf(data.status),
        subject: data.payment_id,
        cause: `${data.payment_id}/${data.status}`,
        data,
      }),
    sayBilling: billing.sayEnvelope,
    sayServer: (data: ServerState) =>
      provisioner.say({
        type: `server.${data.status}`,
        subject: data.order_id,
        cause: `${data.order_id}/${data.version}`,
        data,
      }),
    orderPaidBy: (paymentId: string) =>
      eventually(async () => {
        const order = await prisma.order.findFirst({ where: { paymentId } })
        if (!order) throw new Error(`No order of ${paymentId} yet`)
        return order
      }),
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}

function newsOf(status: Payment['status']) {
  if (status === 'pending' || status === 'succeeded') return `payment.${status}` as const
  return 'payment.failed' as const
}

type Saying =
  | { type: ReturnType<typeof newsOf>; data: Payment }
  | { type: `server.${ServerState['status']}`; data: ServerState }

async function neighbour(stream: 'BILLING' | 'SERVER', natsUrl: string) {
  // Its outbox; the rest of the schema is not looked at.
  const database = await testDatabase('orders')
  const prisma = new PrismaClient({ adapter: adapter(database.url) })
  const nats = connectNats({ url: natsUrl, name: stream, log })
  const messaging = startMessaging({ prisma, nats, stream, log })
  async function sayEnvelope(envelope: Envelope): Promise<void> {
    await appendOutbox(prisma, [envelope])
    messaging.wake()
  }
  return {
    sayEnvelope,
    say(saying: Saying & { subject: string; cause: string }) {
      const { version } = saying.data
      return sayEnvelope(newEvent({ ...saying, source: 'test', version, time: new Date() }))
    },
    async [Symbol.asyncDispose]() {
      await messaging.stop()
      await nats.close()
      await prisma.$disconnect()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** The provisioner's word on every order and its place: it may be sold, until a test says otherwise. */
async function openPlaces(natsUrl: string) {
  const nats = connectNats({ url: natsUrl, name: 'places', log })
  const asked: Reserve[] = []
  let refusal: RequestRefused | null = null
  let problems: CheckedOrder['problems'] = []
  const answering = [
    answerRequests({
      nats,
      contract: reserve,
      handle: async (request) => {
        asked.push(request)
        if (refusal) throw refusal
        return { order_id: request.order_id }
      },
      log,
    }),
    answerRequests({
      nats,
      contract: checkOrder,
      handle: async () => ({ problems, warnings: [] }),
      log,
    }),
  ]
  await (await nats.connection()).flush()
  return {
    asked,
    refuse: (code: string) => {
      refusal = new RequestRefused(code, 'No node has room.')
    },
    object: (...found: CheckedOrder['problems']) => {
      problems = found
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(answering.map((answers) => answers.stop()))
      await nats.close()
    },
  }
}

export const wish = {
  plan: 'small',
  region: 'eu',
  customer: { email: 'a@example.com', name: 'A' },
  server_name: 'Home',
}
