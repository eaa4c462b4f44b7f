import { setImmediate as nextTurn } from 'node:timers/promises'
import {
  durables,
  events,
  type NatsUser,
  natsUsers,
  replySubject,
  rpcs,
  type StreamName,
  services,
  streamOwners,
  streams,
} from '@spawnpoint/contracts'
import { createLogger } from '@spawnpoint/service-kit'
import { eventually, type PrivateNats, testNats } from '@spawnpoint/stack'
import { connect, Events, type NatsConnection } from 'nats'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectNats } from '../src/connection/connect.ts'
import { natsOptions } from '../src/connection/nats-url.ts'

let server: PrivateNats

beforeAll(async () => {
  server = await testNats()
})
afterAll(() => server[Symbol.asyncDispose]())

const streamNames = Object.keys(streams) as StreamName[]
const eventTypes = Object.values(events)
const rpcSubjects = rpcs.flatMap(({ contract: { subject, formerly }, ...who }) =>
  [subject, formerly].flatMap((one) => (one === undefined ? [] : [{ subject: one, ...who }])),
)

/** Who may, of each kind of subject; nobody else. */
type Rule = { subject: string; may: readonly NatsUser[] }

const publishing: Rule[] = [
  ...eventTypes.map(({ type, stream }): Rule => ({ subject: type, may: [streamOwners[stream]] })),
  ...streamNames.flatMap((stream): Rule[] => [
    { subject: `${streams[stream][0].replace('>', 'invented')}`, may: [] },
    { subject: `relay.wake.${stream}`, may: [streamOwners[stream]] },
    { subject: `$JS.API.STREAM.INFO.${stream}`, may: [...readersOf(stream), 'operator'] },
    { subject: `$JS.API.STREAM.MSG.GET.${stream}`, may: [...readersOf(stream), 'operator'] },
    { subject: `$JS.API.STREAM.CREATE.${stream}`, may: [streamOwners[stream]] },
    { subject: `$JS.API.STREAM.UPDATE.${stream}`, may: [streamOwners[stream], 'operator'] },
    { subject: `$JS.API.STREAM.PURGE.${stream}`, may: ['operator'] },
    { subject: `$JS.API.STREAM.MSG.DELETE.${stream}`, may: [streamOwners[stream], 'operator'] },
    { subject: `$JS.API.STREAM.DELETE.${stream}`, may: [] },
    { subject: `$JS.API.STREAM.SNAPSHOT.${stream}`, may: [] },
    { subject: `$JS.API.STREAM.RESTORE.${stream}`, may: [] },
    { subject: `$JS.API.CONSUMER.LIST.${stream}`, may: ['operator'] },
    // Without a name: one that belongs to nobody.
    { subject: `$JS.API.CONSUMER.CREATE.${stream}`, may: [] },
    { subject: `$JS.API.CONSUMER.CREATE.${stream}.other`, may: [] },
    { subject: `$JS.API.CONSUMER.MSG.NEXT.${stream}.other`, may: [] },
  ]),
  ...durables.flatMap(({ name, stream, service }): Rule[] => [
    { subject: `$JS.API.CONSUMER.CREATE.${stream}.${name}`, may: [service] },
    { subject: `$JS.API.CONSUMER.DURABLE.CREATE.${stream}.${name}`, may: [] },
    { subject: `$JS.API.CONSUMER.DELETE.${stream}.${name}`, may: [service, 'operator'] },
    { subject: `$JS.API.CONSUMER.INFO.${stream}.${name}`, may: [service, streamOwners[stream], 'operator'] },
    { subject: `$JS.API.CONSUMER.MSG.NEXT.${stream}.${name}`, may: [service] },
    { subject: `$JS.ACK.${stream}.${name}.1.1.1.1.0`, may: [service] },
  ]),
  ...rpcSubjects.map(({ subject, calledBy }): Rule => ({ subject, may: calledBy })),
  ...natsUsers.flatMap((asker) =>
    services.map(
      (answerer): Rule => ({
        subject: replySubject(asker, answerer, 'x'),
        may: rpcs.some(({ calledBy, answeredBy }) => calledBy.includes(asker) && answeredBy === answerer)
          ? [answerer]
          : [],
      }),
    ),
  ),
  ...natsUsers.map((user): Rule => ({ subject: `_INBOX_${user}.x.y`, may: [] })),
  { subject: '_INBOX.x', may: [] },
  { subject: '$JS.API.INFO', may: ['operator'] },
  { subject: '$JS.API.STREAM.NAMES', may: ['operator'] },
  { subject: '$JS.API.STREAM.CREATE.OTHER', may: [] },
  { subject: 'rpc.billing-gateway.invented', may: [] },
  { subject: '$SYS.REQ.SERVER.PING', may: [] },
  { subject: 'anything', may: [] },
]

const subscribing: Rule[] = [
  ...eventTypes.map(({ type }): Rule => ({ subject: type, may: ['operator'] })),
  ...streamNames.map((stream): Rule => ({ subject: `relay.wake.${stream}`, may: [streamOwners[stream]] })),
  ...rpcSubjects.map(({ subject, answeredBy }): Rule => ({ subject, may: [answeredBy] })),
  ...natsUsers.map((user): Rule => ({ subject: `_INBOX_${user}.>`, may: [user] })),
  ...natsUsers.flatMap((asker) =>
    services.map((answerer): Rule => ({ subject: replySubject(asker, answerer, '*'), may: [asker] })),
  ),
  ...durables.map(
    ({ name, stream, service }): Rule => ({
      subject: `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream}.${name}`,
      may: [service, 'operator'],
    }),
  ),
  ...['>', '_INBOX.>', 'rpc.>', '$JS.API.>', '$SYS.>', '$JS.ACK.>'].map(
    (subject): Rule => ({ subject, may: [] }),
  ),
]

function readersOf(stream: StreamName): NatsUser[] {
  const consumers = durables.filter((durable) => durable.stream === stream).map(({ service }) => service)
  return [streamOwners[stream], ...consumers]
}

test.each(natsUsers)('%s may publish what the contracts say, and nothing else', async (user) => {
  const allowed = await tryEach(user, publishing, (connection, subject) =>
    connection.publish(subject, 'not json'),
  )
  expect(allowed).toEqual(allowedBy(publishing, user))
})

test.each(natsUsers)('%s may subscribe to what the contracts say, and nothing else', async (user) => {
  const allowed = await tryEach(user, subscribing, (connection, subject) => {
    connection.subscribe(subject, { callback: () => {} })
  })
  expect(allowed).toEqual(allowedBy(subscribing, user))
})

test('nobody connects without a user, or with another’s password', async () => {
  const servers = new URL(server.urls.order).host
  await expect(connect({ servers, reconnect: false })).rejects.toThrow('Authorization Violation')
  await expect(connect({ servers, user: 'order', pass: 'billing-secret', reconnect: false })).rejects.toThrow(
    'Authorization Violation',
  )
})

test('a forged payment, end of an order and change of a price are refused to all but the service whose they are', async () => {
  await using admin = await open(server.urls.admin ?? '')
  const manager = await admin.connection.jetstreamManager()
  for (const name of streamNames) await manager.streams.add({ name, subjects: [...streams[name]] })
  const received: string[] = []
  admin.connection.subscribe('rpc.>', { callback: (_, { subject }) => received.push(subject) })
  await admin.connection.flush()
  const forged = ['payment.succeeded', 'order.ended', 'rpc.billing-gateway.change-subscription']
  for (const user of ['provisioner', 'operator'] as const) {
    await using attacker = await open(server.urls[user])
    for (const subject of forged) attacker.connection.publish(subject, '{}')
    expect(await attacker.refused()).toEqual(forged)
  }
  await admin.connection.flush()
  expect(received).toEqual([])
  for (const name of streamNames) expect((await manager.streams.info(name)).state.messages).toBe(0)
})

test.each([
  ['order', 'limited', 0],
  ['admin', 'everything', 1],
] as const)(
  'whether a service may do everything is known once it is connected: %s, %s',
  async (user, may, warnings) => {
    const messages: unknown[] = []
    const log = createLogger({ service: 'test', level: 'silent' })
    const warn = (...told: unknown[]) => void messages.push(told)
    const nats = connectNats({
      url: server.urls[user] ?? '',
      name: 'test',
      log: Object.assign(log, { warn }),
    })
    expect(nats.permissions()).toBe('unknown')
    await eventually(() => expect(nats.permissions()).toBe(may))
    expect(messages).toHaveLength(warnings)
    await nats.close()
  },
)

function allowedBy(rules: Rule[], user: NatsUser): string[] {
  return rules.filter(({ may }) => may.includes(user)).map(({ subject }) => subject)
}

async function tryEach(
  user: NatsUser,
  rules: Rule[],
  attempt: (connection: NatsConnection, subject: string) => void,
): Promise<string[]> {
  await using opened = await open(server.urls[user])
  for (const { subject } of rules) attempt(opened.connection, subject)
  const refused = new Set(await opened.refused())
  return rules.map(({ subject }) => subject).filter((subject) => !refused.has(subject))
}

async function open(url: string) {
  const connection = await connect({ ...natsOptions(url), reconnect: false })
  const refused: string[] = []
  // Its end is not awaited: closing the connection does not end it.
  ;(async () => {
    for await (const { type, permissionContext } of connection.status())
      if (type === Events.Error && permissionContext) refused.push(permissionContext.subject)
  })()
  return {
    connection,
    /** What was refused of all that was sent. */
    refused: async () => {
      await connection.flush()
      await nextTurn()
      return refused
    },
    [Symbol.asyncDispose]: () => connection.close(),
  }
}
