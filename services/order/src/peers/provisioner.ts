import { type Reserve, reserve } from '@spawnpoint/contracts'
import { ask, type Nats, type RequestContract, RequestRefused } from '@spawnpoint/messaging'
import { type Logger, Problem } from '@spawnpoint/service-kit'
import type { z } from 'zod'

export type AskContext = {
  nats: Nats
  /** How long a request waits for an answer before the shop is told to retry. */
  answerWithinMs: number
}

export type ProvisionerContext = AskContext & {
  /** What to do while the provisioner does not answer. */
  sellWithoutCapacity: 'refuse' | 'allow'
  log: Logger
}

/** Null where the provisioner or its panel does not answer, and orders are sold all the same. Refusals are thrown unchanged. */
export async function askProvisioner<Request extends z.ZodType, Reply extends z.ZodType>(
  { nats, answerWithinMs, sellWithoutCapacity, log }: ProvisionerContext,
  contract: RequestContract<Request, Reply>,
  request: z.infer<Request>,
): Promise<z.infer<Reply> | null> {
  try {
    return await ask({ nats, contract, request, timeoutMs: answerWithinMs })
  } catch (error) {
    if (!isUnanswered(error)) throw error
    log.warn(
      { err: error, subject: contract.subject },
      'Capacity is unknown: the provisioner does not answer',
    )
    if (sellWithoutCapacity === 'refuse') throw capacityUnknown()
    return null
  }
}

/** Reserves capacity for the order's server until then; without it nobody may pay. */
export async function reserveCapacity(context: ProvisionerContext, request: Reserve): Promise<void> {
  try {
    await askProvisioner(context, reserve, request)
  } catch (error) {
    if (!(error instanceof RequestRefused)) throw error
    throw new Problem(409, error.code, `This cannot be sold now. ${error.message}`)
  }
}

export function isUnanswered(error: unknown): boolean {
  return error instanceof RequestRefused && ['unanswered', 'internal', 'panel_away'].includes(error.code)
}

export function capacityUnknown(): Problem {
  return new Problem(
    503,
    'capacity_unknown',
    'Capacity is currently unknown. Retry the same request in a few seconds.',
    { retryAfterSeconds: 5 },
  )
}
