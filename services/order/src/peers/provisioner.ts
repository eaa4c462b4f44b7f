import { ask, type Nats, type RequestContract, RequestRefused } from '@spawnpoint/messaging'
import { type Logger, Problem } from '@spawnpoint/service-kit'
import type { z } from 'zod'

export type AskContext = {
  nats: Nats
  /** How long a buyer waits for an answer before the shop is told to ask again. */
  answerWithinMs: number
}

export type HoldContext = AskContext & {
  /** What to do while nobody says whether there is a place. */
  sellWithoutCapacity: 'refuse' | 'allow'
  log: Logger
}

/** Null where nobody answers, or not for the panel, and it is sold all the same. Refusals are thrown as they come. */
export async function askProvisioner<Request extends z.ZodType, Reply extends z.ZodType>(
  { nats, answerWithinMs, sellWithoutCapacity, log }: HoldContext,
  contract: RequestContract<Request, Reply>,
  request: z.infer<Request>,
): Promise<z.infer<Reply> | null> {
  try {
    return await ask({ nats, contract, request, timeoutMs: answerWithinMs })
  } catch (error) {
    if (!isSilence(error)) throw error
    log.warn({ err: error, subject: contract.subject }, 'Nobody says whether there is a place')
    if (sellWithoutCapacity === 'refuse') throw capacityUnknown()
    return null
  }
}

export function isSilence(error: unknown): boolean {
  return error instanceof RequestRefused && ['unanswered', 'internal', 'panel_away'].includes(error.code)
}

export function capacityUnknown(): Problem {
  return new Problem(
    503,
    'capacity_unknown',
    'Nobody can say now whether there is a place for this server. Send the same request again in a moment.',
    { retryAfterSeconds: 5 },
  )
}
