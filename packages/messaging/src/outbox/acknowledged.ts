import { createInbox, type Msg, type MsgHdrs, type NatsConnection } from 'nats'
import { z } from 'zod'

type Ack = { seq: number; duplicate: boolean }
/** Publishes one message; settles when a stream has stored it, throws when none has within five seconds. */
export type Acknowledge = (subject: string, payload: string, head: MsgHdrs) => Promise<Ack>

const timeoutMs = 5_000

/**
 * JetStream's answers are plain messages to the reply subject. The client's own `publish` makes a subscription entry and
 * several errors with their stacks for each message before anything has gone wrong: five times the work of sending it.
 */
export function openAcknowledged(connection: NatsConnection): Acknowledge {
  const inbox = createInbox()
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
        reject(new Error(`No stream acknowledged ${subject} within ${timeoutMs} ms`))
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
  if (answer.headers?.code) throw new Error(`No stream accepts ${subject}: ${answer.headers.status}`)
  const ack = ackSchema.parse(answer.json())
  if ('error' in ack) throw new Error(`${subject} was refused: ${ack.error.description}`)
  return ack
}
