import { signedWebhook } from '../events.ts'
import type { WebhookFaultEffect } from '../faults.ts'
import type { Endpoint } from './endpoints.ts'

/** What the receiver answered; `status` is null when it did not, and then `error` has the reason. */
export type Answer = { status: number | null; body: string; error: string | null; tookMs: number }

/** Signs and posts once. A redirect is an answer like another: Stripe does not follow it. */
export async function postWebhook(
  endpoint: Endpoint,
  payload: string,
  { fault, signal }: { fault: WebhookFaultEffect | undefined; signal: AbortSignal },
): Promise<Answer> {
  const { body, headers } = sign(endpoint, payload, fault)
  const started = performance.now()
  const tookMs = () => Math.round((performance.now() - started) * 10) / 10
  try {
    const response = await fetch(endpoint.url, { method: 'POST', headers, body, redirect: 'manual', signal })
    const answered = (await response.text()).slice(0, 2000)
    return { status: response.status, body: answered, error: null, tookMs: tookMs() }
  } catch (error) {
    const cause = error instanceof Error ? (error.cause ?? error) : error
    return { status: null, body: '', error: String(cause), tookMs: tookMs() }
  }
}

/** Dated by the network's clock and not the account's: a signature has the time it was sent, whatever time the money lives in. */
function sign(endpoint: Endpoint, payload: string, fault: WebhookFaultEffect | undefined) {
  const age = fault?.kind === 'stale-timestamp' ? fault.ageS : 0
  const secret = fault?.kind === 'wrong-signature' ? 'whsec_of_somebody_else' : endpoint.secret
  return signedWebhook(payload, secret, { timestamp: Math.floor(Date.now() / 1000) - age })
}
