import {
  adoptSubscription,
  type ChangeSubscription,
  type CheckedChange,
  type CheckedOrder,
  changeSubscription,
  checkChange,
  checkOrder,
  checkRegion,
  type Envelope,
  type Payment,
  type Reserve,
  readBilling,
  reserve,
  type ServerState,
  type Subscription,
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
  const settings = {
    DATABASE_URL: database.url,
    NATS_URL: nats.urls.order,
    PORT: '0',
    LOG_LEVEL: 'silent',
    TIME_SCALE: '0.1',
    API_KEYS: `shop:${secret}`,
    // All of a test are the same customer's.
    MAX_OPEN_ORDERS_PER_CUSTOMER: '1000',
    ...env,
  }
  const service = owned.own(await startOrder(envSchema.parse(settings)))
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

  const billing = owned.own(await openPeer('BILLING', nats.url))
  const provisioner = owned.own(await openPeer('SERVER', nats.url))
  const capacity = owned.own(await openCapacity(nats.url))
  const gateway = owned.own(await openGateway(nats.url))

  return {
    url,
    secret,
    prisma,
    nats,
    capacity,
    gateway,
    /** One more of the service, on the same schema. */
    startReplica: async () => owned.own(await startOrder(envSchema.parse(settings))),
    databaseUrl: database.url,
    send,
    publishPayment: (data: Payment) =>
      billing.publish({
        type: eventTypeOf(data.status),
        subject: data.payment_id,
        cause: `${data.payment_id}/${data.status}`,
        data,
      }),
    /** An event of a payment that has succeeded. */
    publishPaymentEvent: (type: 'payment.refunded' | 'payment.disputed' | 'payment.flagged', data: Payment) =>
      billing.publish({ type, subject: data.payment_id, cause: `${data.payment_id}/${data.version}`, data }),
    publishSubscription: (data: Subscription) =>
      billing.publish({
        type: hasEnded(data) ? 'subscription.ended' : 'subscription.changed',
        subject: data.subscription_id,
        cause: `${data.subscription_id}/${data.version}`,
        data,
      }),
    publishBilling: billing.publishEnvelope,
    publishServer: (data: ServerState) =>
      provisioner.publish({
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

function eventTypeOf(status: Payment['status']) {
  if (status === 'pending' || status === 'succeeded') return `payment.${status}` as const
  return 'payment.failed' as const
}

function hasEnded({ status }: Subscription): boolean {
  return status === 'canceled' || status === 'incomplete_expired'
}

type Published =
  | { type: 'payment.refunded' | 'payment.disputed' | 'payment.flagged'; data: Payment }
  | { type: 'subscription.changed' | 'subscription.ended'; data: Subscription }
  | { type: ReturnType<typeof eventTypeOf>; data: Payment }
  | { type: `server.${ServerState['status']}`; data: ServerState }

async function openPeer(stream: 'BILLING' | 'SERVER', natsUrl: string) {
  // Its outbox; the rest of the schema is unused.
  const database = await testDatabase('orders')
  const prisma = new PrismaClient({ adapter: adapter(database.url) })
  const nats = connectNats({ url: natsUrl, name: stream, log })
  const messaging = startMessaging({ prisma, nats, stream, log })
  async function publishEnvelope(envelope: Envelope): Promise<void> {
    await appendOutbox(prisma, [envelope])
    messaging.wake()
  }
  return {
    publishEnvelope,
    publish(event: Published & { subject: string; cause: string }) {
      const { version } = event.data
      return publishEnvelope(newEvent({ ...event, source: 'test', version, time: new Date() }))
    },
    async [Symbol.asyncDispose]() {
      await messaging.stop()
      await nats.close()
      await prisma.$disconnect()
      await database[Symbol.asyncDispose]()
    },
  }
}

/** The provisioner as a shop asks it: every order may be sold, unless a test decides otherwise. */
async function openCapacity(natsUrl: string) {
  const nats = connectNats({ url: natsUrl, name: 'capacity', log })
  const asked: Reserve[] = []
  let refusal: RequestRefused | null = null
  let problems: CheckedOrder['problems'] = []
  let tooSmall: CheckedChange['problem'] = null
  let elsewhere: CheckedChange['problem'] = null
  let otherGame: CheckedChange['problem'] = null
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
    answerRequests({
      nats,
      contract: checkRegion,
      handle: async () => ({ problem: elsewhere }),
      log,
    }),
    answerRequests({
      nats,
      contract: checkChange,
      handle: async ({ reinstall }) => ({
        warnings: tooSmall ? [] : ['The disk shrinks.'],
        problem: tooSmall ?? (otherGame && !reinstall ? otherGame : null),
      }),
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
    /** No plan fits any more where a server stands. */
    exhaustCapacity: () => {
      tooSmall = { class: 'no_capacity', message: 'Node 1 has no room for what the plan has more.' }
    },
    /** What stands against another region; null: the server is there. */
    placeServers: (problem: CheckedChange['problem']) => {
      elsewhere = problem
    },
    /** Every plan is of another egg, and reinstalls. */
    sellOtherGames: () => {
      otherGame = {
        class: 'reinstall_needed',
        message: 'The server is reinstalled, and its files may be lost.',
      }
    },
    /** No server can be looked at. */
    forgetServers: () => {
      tooSmall = { class: 'server_unknown', message: 'The order has no server that could be changed.' }
    },
    freeCapacity: () => {
      otherGame = null
      tooSmall = null
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(answering.map((answers) => answers.stop()))
      await nats.close()
    },
  }
}

/** The billing gateway's word on subscriptions: as a test last said that Stripe has them. */
async function openGateway(natsUrl: string) {
  const nats = connectNats({ url: natsUrl, name: 'gateway', log })
  const subscriptions = new Map<string, Subscription>()
  const asked: string[] = []
  const changes: ChangeSubscription[] = []
  let isAway = false
  let refusal: RequestRefused | null = null
  const has = (id: string) => {
    if (isAway) throw new RequestRefused('stripe_unavailable', 'Stripe does not answer.')
    const subscription = subscriptions.get(id)
    if (!subscription) throw new RequestRefused('subscription_unknown', `Stripe has no ${id}.`)
    return subscription
  }
  const answering = [
    answerRequests({
      nats,
      contract: readBilling,
      handle: async ({ subscription_id, payment_ids }) => {
        asked.push(subscription_id ?? payment_ids.join())
        if (isAway) throw new RequestRefused('stripe_unavailable', 'Stripe does not answer.')
        return { subscription: subscription_id === null ? null : has(subscription_id), payments: [] }
      },
      log,
    }),
    answerRequests({
      nats,
      contract: adoptSubscription,
      handle: async ({ subscription_id, order_id }) => {
        if (refusal) throw refusal
        const before = has(subscription_id)
        const adopted = { ...before, order_id, version: before.version + 1 }
        subscriptions.set(subscription_id, adopted)
        return { subscription: adopted, payments: [] }
      },
      log,
    }),
    answerRequests({
      nats,
      contract: changeSubscription,
      handle: async (request) => {
        changes.push(request)
        if (refusal) throw refusal
        const before = has(request.subscription_id)
        const after = { ...before, ...changed(before, request.change), version: before.version + 1 }
        subscriptions.set(request.subscription_id, after)
        return { subscription: after }
      },
      log,
    }),
  ]
  await (await nats.connection()).flush()
  return {
    asked,
    changes,
    has: (subscription: Subscription) => subscriptions.set(subscription.subscription_id, subscription),
    /** Stripe has these no longer. */
    loses: (...ids: string[]) => {
      for (const id of ids) subscriptions.delete(id)
    },
    stopAnswering: () => {
      isAway = true
    },
    answerAgain: () => {
      isAway = false
    },
    refuse: (code: string | null) => {
      refusal = code === null ? null : new RequestRefused(code, 'Stripe says no.')
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(answering.map((answers) => answers.stop()))
      await nats.close()
    },
  }
}

function changed(before: Subscription, change: ChangeSubscription['change']): Partial<Subscription> {
  switch (change.do) {
    case 'change-plan':
      return { plan: change.plan, price: change.price }
    case 'cancel':
      return change.when === 'now'
        ? { status: 'canceled', ended_at: new Date().toISOString(), cancel_at: null }
        : { cancel_at: before.current_period_end }
    case 'keep':
      return { cancel_at: null }
    default:
      return change satisfies never
  }
}

export const orderRequest = {
  plan: 'small',
  region: 'eu',
  customer: { email: 'a@example.com', name: 'A' },
  server_name: 'Home',
}
