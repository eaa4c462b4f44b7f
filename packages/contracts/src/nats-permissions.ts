import {
  durables,
  type NatsUser,
  natsUsers,
  type ServiceName,
  type StreamName,
  streamOwners,
  streams,
} from './define-event.ts'
import { events } from './events.ts'
import { rpcs } from './rpc/rpcs.ts'

/** What a user may publish and subscribe to, as nats-server understands subjects; everything else is refused. */
export type NatsPermissions = { publish: string[]; subscribe: string[] }

export function isNatsUser(name: string | undefined): name is NatsUser {
  return natsUsers.some((user) => user === name)
}

/** Derived from the events, durables and RPCs alone, so that a contract and its permission cannot differ. */
export function natsPermissions(user: NatsUser): NatsPermissions {
  return user === 'operator' ? ofOperator() : ofService(user)
}

/** Where the answer to one request goes: only the service that answers may publish there, only the one that asked reads it. */
export function replySubject(asker: NatsUser, answerer: string, id: string): string {
  return `_REPLY.${asker}.${answerer}.${id}`
}

function ofService(service: ServiceName): NatsPermissions {
  const own = streamNames.filter((stream) => streamOwners[stream] === service)
  const consumed = durables.filter((durable) => durable.service === service)
  const answered = rpcs.filter(({ answeredBy }) => answeredBy === service)
  const called = rpcs.filter(({ calledBy }) => calledBy.includes(service))
  return {
    publish: unique([
      ...own.flatMap(filling),
      ...consumed.flatMap(consuming),
      ...called.flatMap(subjectsOf),
      ...answered.flatMap(({ calledBy }) => calledBy.map((asker) => replySubject(asker, service, '*'))),
    ]),
    subscribe: unique([
      inboxOf(service),
      replySubject(service, '*', '*'),
      ...own.map((stream) => `relay.wake.${stream}`),
      ...answered.flatMap(subjectsOf),
      ...consumed.flatMap(({ stream, name }) => [
        `$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.${stream}.${name}`,
        `$JS.EVENT.ADVISORY.CONSUMER.MSG_TERMINATED.${stream}.${name}`,
      ]),
    ]),
  }
}

/** Its own stream: made, bounded, filled, compared with the outbox, and rid of what a forgotten customer left in it. */
function filling(stream: StreamName): string[] {
  return [
    ...Object.values(events).flatMap((event) => (event.stream === stream ? [event.type] : [])),
    `relay.wake.${stream}`,
    ...['INFO', 'CREATE', 'UPDATE', 'MSG.GET', 'MSG.DELETE'].map(
      (verb) => `$JS.API.STREAM.${verb}.${stream}`,
    ),
    ...durables.flatMap(({ name, ...of }) =>
      of.stream === stream ? [`$JS.API.CONSUMER.INFO.${stream}.${name}`] : [],
    ),
  ]
}

/** A stream of another service: read through a durable of its own, and again, message by message, for a replay. */
function consuming({ stream, name }: { stream: StreamName; name: string }): string[] {
  return [
    `$JS.API.STREAM.INFO.${stream}`,
    `$JS.API.STREAM.MSG.GET.${stream}`,
    ...['INFO', 'CREATE', 'DELETE', 'MSG.NEXT'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.${name}`),
    `$JS.ACK.${stream}.${name}.>`,
  ]
}

/** Sees everything, maintains streams and durables; publishes no event. */
function ofOperator(): NatsPermissions {
  return {
    publish: [
      '$JS.API.INFO',
      ...['NAMES', 'LIST'].map((verb) => `$JS.API.STREAM.${verb}`),
      ...streamNames.flatMap((stream) => [
        ...['INFO', 'UPDATE', 'PURGE', 'MSG.GET', 'MSG.DELETE', 'LEADER.STEPDOWN'].map(
          (verb) => `$JS.API.STREAM.${verb}.${stream}`,
        ),
        ...['NAMES', 'LIST'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}`),
        ...['INFO', 'DELETE', 'LEADER.STEPDOWN'].map((verb) => `$JS.API.CONSUMER.${verb}.${stream}.*`),
      ]),
      ...rpcs.filter(({ calledBy }) => calledBy.includes('operator')).flatMap(subjectsOf),
    ],
    subscribe: [
      inboxOf('operator'),
      replySubject('operator', '*', '*'),
      ...streamNames.flatMap((stream) => streams[stream]),
      '$JS.EVENT.ADVISORY.>',
    ],
  }
}

const streamNames = Object.keys(streams) as StreamName[]

/** The client's own answers, such as those of JetStream; what `inboxPrefix` is set to. */
function inboxOf(user: NatsUser): string {
  return `_INBOX_${user}.>`
}

function subjectsOf({ contract: { subject, formerly } }: (typeof rpcs)[number]): string[] {
  return formerly === undefined ? [subject] : [subject, formerly]
}

function unique(subjects: string[]): string[] {
  return [...new Set(subjects)]
}
