import { type SnapshotEvent, signedWebhook } from '@spawnpoint/stripe-simulator'

export type WebhookTarget = { url: string; secret: string }

/** Posts an event as Stripe does. */
export async function sendWebhook(target: WebhookTarget, event: SnapshotEvent): Promise<void> {
  await signedPost(target, event)()
}

/** Signed now, sent when called: what is timed is the way of the event and not the making of it. */
export function signedPost({ url, secret }: WebhookTarget, event: SnapshotEvent): () => Promise<void> {
  const { body, headers } = signedWebhook(event, secret)
  return async () => {
    const response = await fetch(`${url}/webhooks/stripe`, { method: 'POST', headers, body })
    const answer = await response.text()
    if (response.status !== 200) throw new Error(`The webhook was answered ${response.status}: ${answer}`)
  }
}
