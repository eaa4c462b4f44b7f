import type { StreamName } from '@spawnpoint/contracts'
import { headers, type Msg, type MsgHdrs } from 'nats'
import { z } from 'zod'
import type { Nats } from '../connection/connect.ts'
import { storedMessage } from '../connection/streams.ts'

export type Outgoing = { event_id: string; subject: string; envelope: string }
type To = { acknowledged: Acknowledge; nats: Nats; stream: StreamName }

/** Publishes an event and gives its sequence: the sequence of a message that can really be read there. */
export async function publish(row: Outgoing, to: To): Promise<number> {
  const ack = await send(row, row.event_id, to)
  if (!ack.duplicate || (await holds(row, ack.seq, to))) return ack.seq
  // The server remembers the id of a message that it has lost, or never stored: it accepts another id.
  const second = await send(row, `${row.event_id}${onceMore}${ack.seq}`, to)
  if (second.duplicate && !(await holds(row, second.seq, to)))
    throw new Error(`${to.stream} reports ${row.event_id} as a duplicate but does not store it`)
  return second.seq
}

/** The event's id as the message carries it. */
export function eventIdOf(head: MsgHdrs | undefined): string | undefined {
  return head?.get('Nats-Msg-Id').split(onceMore)[0]
}

const onceMore = '.again-'

function send({ subject, envelope }: Outgoing, msgId: string, { acknowledged }: To) {
  const head = headers()
  head.set('Nats-Msg-Id', msgId)
  head.set('Content-Type', 'application/cloudevents+json')
  return acknowledged(subject, envelope, head)
}

async function holds(row: Outgoing, seq: number, { nats, stream }: To): Promise<boolean> {
  return eventIdOf((await storedMessage(nats, stream, seq))?.header) === row.event_id
}

type Ack = { seq: number; duplicate: boolean }
/** Publishes one message; settles when a stream has stored it, throws `Unacknowledged` when none has within two seconds. */
export type Acknowledge = (subject: string, payload: string, head: MsgHdrs) => Promise<Ack>

/** JetStream, or a leader of the stream, is away: not the event’s fault. */
export class Unacknowledged extends Error {
  override name = 'Unacknowledged'
}

const timeoutMs = 2_000

/**
 * JetStream's answers are plain messages to the reply subject. The client's own `publish` makes a subscription entry and
 * several errors with their stacks for each message before anything has gone wrong: five times the work of sending it.
 */
export async function openAcknowledged(nats: Nats): Promise<Acknowledge> {
  const connection = await nats.connection()
  const inbox = nats.inbox()
  const waiting = new Map<string, (answer: Msg) => void>()
  let sent = 0
  connection.subscribe(`${inbox}.*`, {
    callback: (error, message) => {
      if (!error) waiting.get(message.subject)?.(message)
    },
  })

  return (subject, payload, head) =>
    new Promise((resolve, reject) => {
      sent += 1
      const reply = `${inbox}.${sent}`
      const end = () => {
        clearTimeout(late)
        waiting.delete(reply)
      }
      const late = setTimeout(() => {
        end()
        reject(new Unacknowledged(`No stream acknowledged ${subject} within ${timeoutMs} ms`))
      }, timeoutMs)
      waiting.set(reply, (answer) => {
        end()
        try {
          resolve(readAck(subject, answer))
        } catch (error) {
          reject(error)
        }
      })
      try {
        // As a buffer, out of Node's pool: the client would make an ArrayBuffer of each.
        connection.publish(subject, Buffer.from(payload), { reply, headers: head })
      } catch (error) {
        end()
        reject(error)
      }
    })
}

const ackSchema = z.union([
  z.object({ error: z.object({ description: z.string().default('without a reason') }) }),
  z.object({ seq: z.number().int().positive(), duplicate: z.boolean().default(false) }),
])

function readAck(subject: string, answer: Msg): Ack {
  if (answer.headers?.code) throw new Unacknowledged(`No stream accepts ${subject}: ${answer.headers.status}`)
  const ack = ackSchema.parse(answer.json())
  if ('error' in ack) throw new Error(`${subject} was refused: ${ack.error.description}`)
  return ack
}
