import type { Logger } from '@spawnpoint/service-kit'
import type { z } from 'zod'
import type { Nats } from './connect.ts'

export type RequestContract<Request extends z.ZodType, Reply extends z.ZodType> = {
  subject: string
  request: Request
  reply: Reply
}

/** A refusal with a stable code that reaches the asker as it is. */
export class RequestRefused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message)
  }
}

type Answer = { ok: true; reply: unknown } | { ok: false; code: string; message: string }

/** Answers a request/reply subject, shared with the other replicas of the service. */
export function answerRequests<Request extends z.ZodType, Reply extends z.ZodType>(options: {
  nats: Nats
  contract: RequestContract<Request, Reply>
  handle: (request: z.infer<Request>) => Promise<z.infer<Reply>>
  log: Logger
}): void {
  const { nats, contract, handle, log } = options
  const answer = async (bytes: string): Promise<Answer> => {
    try {
      return { ok: true, reply: await handle(contract.request.parse(JSON.parse(bytes))) }
    } catch (error) {
      if (error instanceof RequestRefused) return { ok: false, code: error.code, message: error.message }
      log.error({ err: error, subject: contract.subject }, 'A request failed')
      return { ok: false, code: 'internal', message: 'The service could not answer' }
    }
  }
  nats.connection().then(
    (connection) =>
      connection.subscribe(contract.subject, {
        queue: contract.subject,
        callback: async (_, message) => message.respond(JSON.stringify(await answer(message.string()))),
      }),
    () => {},
  )
}

/** Asks and waits for the answer; throws `RequestRefused`, with code `unanswered` when nobody answers in time. */
export async function ask<Request extends z.ZodType, Reply extends z.ZodType>(options: {
  nats: Nats
  contract: RequestContract<Request, Reply>
  request: z.infer<Request>
  timeoutMs: number
}): Promise<z.infer<Reply>> {
  const { nats, contract, request, timeoutMs } = options
  const answer = await send(nats, contract.subject, JSON.stringify(request), timeoutMs)
  if (!answer.ok) throw new RequestRefused(answer.code, answer.message)
  return contract.reply.parse(answer.reply)
}

async function send(nats: Nats, subject: string, body: string, timeoutMs: number): Promise<Answer> {
  try {
    if (!nats.isConnected()) throw new Error('NATS is away')
    const connection = await nats.connection()
    return (await connection.request(subject, body, { timeout: timeoutMs })).json<Answer>()
  } catch (error) {
    throw new RequestRefused('unanswered', `Nobody answered ${subject}: ${String(error)}`)
  }
}
