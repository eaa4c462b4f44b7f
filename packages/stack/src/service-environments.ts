import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { scopes } from '@spawnpoint/service-kit'
import type { Schema } from './databases.ts'
import { keptSecret } from './kept-secret.ts'
import type { NatsUrls } from './nats-users.ts'
import type { ServiceName } from './service-process.ts'

export type ServiceSettings = {
  dataDir: string
  databases: Record<Schema, string>
  natsUrls: NatsUrls
  stripe: { secretKey: string; webhookSecret: string; apiUrl?: string }
  panel: { url: string; token: string }
  /** Scales timeouts, backoff and leases of every service; 1 when left out. */
  timeScale?: number
  /** What a seller may set: each service is given what it reads of it. */
  given?: Record<string, string | undefined>
}

const shared = [
  'ADMIN_PORT',
  'AUDIT_RETENTION_DAYS',
  'HOST',
  'MAX_BATCH',
  'MAX_LIST',
  'STALLED_AFTER_SECONDS',
  'STREAM_REPLICAS',
  'STREAM_MAX_BYTES',
]

/** The seller's choices that each service reads, beside what is the same for all of a stack. */
const choices: Record<ServiceName, readonly string[]> = {
  'billing-gateway': [
    'CHECKOUT_SUCCESS_URL',
    'CHECKOUT_CANCEL_URL',
    'CHECKOUT_MINUTES',
    'JOURNAL_RETENTION_DAYS',
    'REFUNDS',
    'REFUNDS_PER_DAY',
    'CATCH_UP_MINUTES',
    ...shared,
  ],
  order: [
    'SELL_WITHOUT_CAPACITY',
    'MAX_OPEN_ORDERS_PER_CUSTOMER',
    'RECONCILE_HOURS',
    'RECONCILE_MINUTES',
    'SERVER_LATE_MINUTES',
    ...shared,
  ],
  provisioner: [
    'PANEL_KIND',
    'PANEL_VIEW_MAX_AGE_MINUTES',
    'PANEL_PRIVATE_NETWORKS',
    'PANEL_PLAIN_HTTP',
    'DRIFT_SWEEP_MINUTES',
    'WAIT_DEADLINE_HOURS',
    'UNPAID_CAPACITY_SHARE',
    'SHARE_PANEL_USERS',
    'INSTALL_TRIES',
    'FORCE_DELETE_AFTER_HOURS',
    ...shared,
  ],
}

/** The environment of each service, without another's settings. */
export function serviceEnvironments(settings: ServiceSettings): Record<ServiceName, Record<string, string>> {
  const { databases, natsUrls, stripe, panel, dataDir, timeScale, given = {} } = settings
  // With yours beside it: the command line uses this one.
  const API_KEYS = [`local:scopes=${scopes.join('+')}:${localApiKey(dataDir)}`, given.API_KEYS]
    .filter(Boolean)
    .join(',')
  const same = {
    // For others than this machine it takes a choice.
    HOST: '127.0.0.1',
    ...(timeScale === undefined ? {} : { TIME_SCALE: String(timeScale) }),
  }
  return {
    'billing-gateway': {
      DATABASE_URL: databases.billing,
      NATS_URL: natsUrls['billing-gateway'],
      API_KEYS,
      STRIPE_SECRET_KEY: stripe.secretKey,
      STRIPE_WEBHOOK_SECRET: stripe.webhookSecret,
      ...(stripe.apiUrl ? { STRIPE_API_URL: stripe.apiUrl } : {}),
      CHECKOUT_SUCCESS_URL: 'https://example.com/thank-you',
      CHECKOUT_CANCEL_URL: 'https://example.com/cancelled',
      ...same,
      ...chosen('billing-gateway', given),
    },
    order: {
      DATABASE_URL: databases.orders,
      NATS_URL: natsUrls.order,
      API_KEYS,
      ...same,
      ...chosen('order', given),
    },
    provisioner: {
      DATABASE_URL: databases.provisioner,
      NATS_URL: natsUrls.provisioner,
      API_KEYS,
      PANEL_URL: panel.url,
      PANEL_TOKEN: panel.token,
      // Yours encrypts, where there is one; this one still reads what it encrypted before.
      SECRETS_KEYS: [given.SECRETS_KEYS, `local:${localEncryptionKey(dataDir)}`].filter(Boolean).join(','),
      ...same,
      ...chosen('provisioner', given),
    },
  }
}

function chosen(service: ServiceName, given: NonNullable<ServiceSettings['given']>): Record<string, string> {
  return Object.fromEntries(
    choices[service].flatMap((name) => {
      const value = given[name]
      return value === undefined || value === '' ? [] : [[name, value]]
    }),
  )
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
