import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from '@spawnpoint/service-kit'
import type { Msg } from 'nats'
import type { z } from 'zod'
import type { Nats } from '../connection/connect.ts'

export type RequestContract<Request extends z.ZodType, Reply extends z.ZodType> = {
  subject: string
  /** Its name in the version before: answered too, and asked where nobody answers the new one. */
  formerly?: string
  request: Request
  reply: Reply
}

/**
 * A refusal with a stable code that reaches the caller as it is. Of our own: `invalid_request`, `request_too_large`,
 * `internal` (the service failed at it) and `unanswered`.
 */
export class RequestRefused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

type Answer = { ok: true; reply: unknown } | { ok: false; code: string; message: string }

const maxBytes = 64 * 1024
const againMs = 2_000
const nobodyThereMs = 100

/**
 * Answers a request/reply subject, shared with the other replicas of the service. A request may come several times, also
 * while it is being answered: `handle` sees one of those at a time, and has to give the same answer to the next. `stop`
 * takes no more and answers what is in hand.
 */
export function answerRequests<Request extends z.ZodType, Reply extends z.ZodType>(options: {
  nats: Nats
  contract: RequestContract<Request, Reply>
  handle: (request: z.infer<Request>) => Promise<z.infer<Reply>>
  log: Logger
}): { stop(): Promise<void> } {
  const { nats, contract, handle, log } = options
  const inHand = new Map<string, Promise<Answer>>()
  const responding = new Set<Promise<void>>()
  let unsubscribe = () => {}
  let isStopped = false

  function answerOnce(body: string): Promise<Answer> {
    const known = inHand.get(body)
    if (known) return known
    const answering = answer(body).finally(() => inHand.delete(body))
    inHand.set(body, answering)
    return answering
  }

  async function answer(body: string): Promise<Answer> {
    try {
      return { ok: true, reply: await handle(read(contract.request, body)) }
    } catch (error) {
      if (error instanceof RequestRefused) return { ok: false, code: error.code, message: error.message }
      log.error({ err: error, subject: contract.subject }, 'A request failed')
      return { ok: false, code: 'internal', message: 'The service could not answer' }
    }
  }

  async function respond(message: Msg): Promise<void> {
    try {
      message.respond(JSON.stringify(await answerOnce(message.string())))
    } catch (error) {
      log.warn(
        { err: error, subject: contract.subject },
        'A reply could not be sent; the caller will ask again',
      )
    }
  }

  nats.connection().then(
    (connection) => {
      if (isStopped) return
      // The client subscribes again by itself after each reconnection.
      const subscriptions = subjectsOf(contract).map((subject) =>
        connection.subscribe(subject, {
          queue: subject,
          callback: (_, message) => {
            const done = respond(message).finally(() => responding.delete(done))
            responding.add(done)
          },
        }),
      )
      unsubscribe = () => {
        for (const subscription of subscriptions) subscription.unsubscribe()
      }
    },
    () => {},
  )
  return {
    stop: async () => {
      isStopped = true
      unsubscribe()
      await Promise.all(responding)
    },
  }
}

function read<Request extends z.ZodType>(schema: Request, body: string): z.infer<Request> {
  refuseTooLarge(body)
  const parsed = schema.safeParse(json(body))
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  throw new RequestRefused('invalid_request', problems.join('; '))
}

function json(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    throw new RequestRefused('invalid_request', 'The request is not JSON')
  }
}

function refuseTooLarge(body: string): void {
  if (Buffer.byteLength(body) > maxBytes)
    throw new RequestRefused('request_too_large', `A request may have ${maxBytes} bytes at most`)
}

/**
 * Sends the request, repeats it every two seconds, and at once when no service is there, and takes the first answer: a replica
 * that dies with the request in hand costs two seconds, a slow one costs nothing. Throws `RequestRefused` after `timeoutMs` at the latest.
 */
export async function ask<Request extends z.ZodType, Reply extends z.ZodType>(options: {
  nats: Nats
  contract: RequestContract<Request, Reply>
  request: z.infer<Request>
  timeoutMs: number
}): Promise<z.infer<Reply>> {
  const { nats, contract, request, timeoutMs } = options
  const body = JSON.stringify(request)
  refuseTooLarge(body)
  const answer = await firstAnswer({ nats, subjects: subjectsOf(contract), body, timeoutMs })
  if (!answer.ok) throw new RequestRefused(answer.code, answer.message)
  return contract.reply.parse(answer.reply)
}

type Subjects = [string, ...string[]]

function subjectsOf({ subject, formerly }: { subject: string; formerly?: string }): Subjects {
  return formerly === undefined ? [subject] : [subject, formerly]
}

type Question = { nats: Nats; subjects: Subjects; body: string; timeoutMs: number }

async function firstAnswer({ nats, subjects, body, timeoutMs }: Question): Promise<Answer> {
  let [subject] = subjects
  const deadline = performance.now() + timeoutMs
  const left = () => Math.max(0, deadline - performance.now())
  let last: Answer = { ok: false, code: 'unanswered', message: `Nobody answered ${subject}` }

  const connection = await soonest(timeoutMs, nats.connection())
  if (!connection) return last
  const reply = nats.replyFrom(subject.split('.')[1] ?? '')
  const inbox = connection.subscribe(reply)
  const messages = inbox[Symbol.asyncIterator]()
  let arriving = messages.next()
  try {
    while (left() > 0) {
      const isConnected = nats.isConnected()
      // While NATS is away the client would keep it for later, when nobody waits for the answer any more.
      if (isConnected) connection.publish(subject, body, { reply })
      const arrived = await soonest(Math.min(isConnected ? againMs : nobodyThereMs, left()), arriving)
      if (!arrived) continue
      if (arrived.done) throw new Error(`NATS was closed while ${subject} was asked`)
      arriving = messages.next()
      if (!isNobodyThere(arrived.value)) {
        last = arrived.value.json<Answer>()
        if (last.ok || last.code !== 'internal') return last
      }
      if (isNobodyThere(arrived.value)) subject = subjects.find((other) => other !== subject) ?? subject
      await delay(Math.min(isNobodyThere(arrived.value) ? nobodyThereMs : againMs, left()))
    }
    return last
  } finally {
    inbox.unsubscribe()
  }
}

/** Undefined when the promise takes longer. */
async function soonest<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

function isNobodyThere(message: Msg): boolean {
  return message.headers?.code === 503
}
