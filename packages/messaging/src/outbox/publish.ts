import type { StreamName } from '@spawnpoint/contracts'
import { headers, type MsgHdrs } from 'nats'
import type { Nats } from '../connection/connect.ts'
import { storedMessage } from '../connection/streams.ts'
import type { Acknowledge } from './acknowledged.ts'

export type Outgoing = { event_id: string; subject: string; envelope: string }
type To = { acknowledged: Acknowledge; nats: Nats; stream: StreamName }

/** Publishes an event and gives its sequence: the sequence of a message that can really be read there. */
export async function publish(row: Outgoing, to: To): Promise<number> {
  const ack = await send(row, row.event_id, to)
  if (!ack.duplicate || (await holds(row, ack.seq, to))) return ack.seq
  // The server remembers the id of a message that it has lost, or never stored: under another id it takes it.
  const again = await send(row, `${row.event_id}${onceMore}${ack.seq}`, to)
  if (again.duplicate && !(await holds(row, again.seq, to)))
    throw new Error(`${to.stream} calls ${row.event_id} a duplicate and holds it nowhere`)
  return again.seq
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
