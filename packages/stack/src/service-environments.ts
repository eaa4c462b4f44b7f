import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Schema } from './databases.ts'
import { keptSecret } from './kept-secret.ts'
import type { ServiceName } from './service-process.ts'

export type ServiceSettings = {
  dataDir: string
  databases: Record<Schema, string>
  natsUrl: string
  stripe: { secretKey: string; webhookSecret: string; apiUrl?: string }
  panel: { url: string; token: string }
  /** Scales timeouts, backoff and leases of every service; 1 when left out. */
  timeScale?: number
}

/** What each service is told, and nothing that is another's. */
export function serviceEnvironments(settings: ServiceSettings): Record<ServiceName, Record<string, string>> {
  const { databases, natsUrl: NATS_URL, stripe, panel, dataDir, timeScale } = settings
  const API_KEYS = `local:${localApiKey(dataDir)}`
  const scale = timeScale === undefined ? {} : { TIME_SCALE: String(timeScale) }
  return {
    'billing-gateway': {
      DATABASE_URL: databases.billing,
      NATS_URL,
      API_KEYS,
      STRIPE_SECRET_KEY: stripe.secretKey,
      STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
      ...(stripe.apiUrl ? { STRIPE_API_URL: stripe.apiUrl } : {}),
      CHECKOUT_SUCCESS_URL: process.env.CHECKOUT_SUCCESS_URL ?? 'https://example.com/thank-you',
      CHECKOUT_CANCEL_URL: process.env.CHECKOUT_CANCEL_URL ?? 'https://example.com/cancelled',
      ...scale,
    },
    order: { DATABASE_URL: databases.orders, NATS_URL, API_KEYS, ...scale },
    provisioner: {
      DATABASE_URL: databases.provisioner,
      NATS_URL,
      API_KEYS,
      PANEL_URL: panel.url,
      PANEL_TOKEN: panel.token,
      SECRETS_KEYS: `local:${localEncryptionKey(dataDir)}`,
      ...scale,
    },
  }
}

/** Opens every service of this stack. */
export function localApiKey(dataDir: string): string {
  return keptSecret(join(dataDir, 'secrets/api-key'))
}

function localEncryptionKey(dataDir: string): string {
  return createHash('sha256')
    .update(keptSecret(join(dataDir, 'secrets/encryption-key')))
    .digest('base64')
}
