import { z } from '@hono/zod-openapi'
import { baseEnv, isExample } from '@spawnpoint/service-kit'
import { panelKinds } from './panel-types/main-panel.ts'
import { type AddressPolicy, addressesIn, refuseUrl } from './rules/address-policy.ts'
import { readKeyRing } from './rules/key-ring.ts'
import type { Policy } from './rules/next-step.ts'
import { sharingModes } from './rules/sharing.ts'
import { listOf } from './rules/special-addresses.ts'

const ownEnv = {
  ...baseEnv,
  PORT: baseEnv.PORT.default(3003).describe('HTTP port'),
  PANEL_URL: z
    .url({ protocol: /^https?$/ })
    .transform((url) => url.replace(/\/+$/, ''))
    .describe('the panel `main`, such as `https://panel.example.com`; more with `PUT /admin/panels/:panel`'),
  PANEL_KIND: z
    .enum(panelKinds)
    .default('pterodactyl')
    .describe('what the panel `main` is: `pterodactyl` (1.11 and newer) or `pelican` (beta)'),
  PANEL_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters')
    .refine((key) => !isExample(key), 'must be a key of your panel, and no example')
    .optional()
    .describe('its Application API key, `ptla_…`; the secret `panel_token`, where one is set, wins over it'),
  PANEL_PRIVATE_NETWORKS: z
    .string()
    .default('')
    .superRefine((text, ctx) => {
      try {
        listOf(text)
      } catch (error) {
        ctx.addIssue({ code: 'custom', message: error instanceof Error ? error.message : 'no networks' })
      }
    })
    .describe(
      'where [panels may be](../services/provisioner/README.md#where-panels-may-be) beside public addresses: `10.0.0.5` or `127.0.0.1,10.8.0.0/16`',
    ),
  PANEL_PLAIN_HTTP: z
    .enum(['refuse', 'allow'])
    .default('refuse')
    .describe(
      'whether panels may be called over http, where who is on the way reads their keys; on this machine itself always',
    ),
  SECRETS_KEYS: z
    .string()
    .default('')
    .transform(readKeyRing)
    .describe(
      '`id:<base64 of 32 bytes>,…`, newest first: encrypts secrets at rest; without one none can be kept',
    ),
  DRIFT_SWEEP_MINUTES: z.coerce
    .number()
    .min(1)
    .max(10_080)
    .default(60)
    .describe('how often all servers of each panel are compared with the orders'),
  PANEL_VIEW_MAX_AGE_MINUTES: z.coerce
    .number()
    .positive()
    .max(1_440)
    .default(30)
    .describe('how long orders are taken with what a panel last showed while it does not answer'),
  WAIT_DEADLINE_HOURS: z.coerce
    .number()
    .positive()
    .max(8_760)
    .default(72)
    .describe('how long a paid order waits for a place before a person has to see to it'),
  UNPAID_CAPACITY_SHARE: z.coerce
    .number()
    .positive()
    .max(1)
    .default(0.5)
    .describe(
      "how much of a region's capacity unpaid orders may hold together, 1 is all of it; one place always; paid orders are never limited by it",
    ),
  SHARE_PANEL_USERS: z
    .enum(sharingModes)
    .default('never')
    .describe(
      'whether customers with one e-mail address (a guest and an account of your shop) share a user on the panel: `never`, their orders are then held, or `by-email`',
    ),
  INSTALL_TRIES: z.coerce
    .number()
    .int()
    .min(1)
    .max(10)
    .default(3)
    .describe('how often the install of a new server is tried before a person has to look'),
  FORCE_DELETE_AFTER_HOURS: z.coerce
    .number()
    .positive()
    .max(8_760)
    .optional()
    .describe(
      'from when on a server is deleted by force whose node does not answer; never when left out, for files may stay there',
    ),
}

/** What the variables say together is checked once each of them is right. */
export const envSchema = z.object(ownEnv).superRefine((env, ctx) => {
  const refused = refuseUrl(addressesOf(env), new URL(env.PANEL_URL))
  if (refused !== null) ctx.addIssue({ code: 'custom', path: ['PANEL_URL'], message: refused })
})

export type Env = z.output<typeof envSchema>

/** Limits and intervals in ms, on the scale of the clock. */
export function settingsOf(env: Env) {
  const timeScale = env.TIME_SCALE
  // Below two seconds a busy machine alone makes calls time out.
  const timeoutMs = Math.max(2_000, 60_000 * timeScale)
  return {
    /** The panel of the environment. */
    main: { url: env.PANEL_URL, kind: env.PANEL_KIND, token: env.PANEL_TOKEN },
    addresses: addressesOf(env),
    ring: env.SECRETS_KEYS,
    timeScale,
    sharing: env.SHARE_PANEL_USERS,
    maxBatch: env.MAX_BATCH,
    timeoutMs,
    /** Renewed as long as a server is worked on. */
    leaseMs: Math.max(4_000, 20_000 * timeScale),
    /** After how long an unanswered call can no longer be carried out. */
    doubtMs: 2 * timeoutMs,
    /** How long a server stays queued before a person has to see to it. */
    deadlineMs: env.WAIT_DEADLINE_HOURS * 3_600_000 * timeScale,
    viewMaxAgeMs: env.PANEL_VIEW_MAX_AGE_MINUTES * 60_000 * timeScale,
    /** How often a panel is compared with the orders. */
    sweepMs: env.DRIFT_SWEEP_MINUTES * 60_000 * timeScale,
    policy: policyOf(env),
  }
}

type Given = Pick<
  z.output<z.ZodObject<typeof ownEnv>>,
  'PANEL_URL' | 'PANEL_PRIVATE_NETWORKS' | 'PANEL_PLAIN_HTTP'
>

// The address in PANEL_URL is the operator's own word, as the networks are; a name may lead elsewhere by then.
function addressesOf({ PANEL_URL, PANEL_PRIVATE_NETWORKS, PANEL_PLAIN_HTTP }: Given): AddressPolicy {
  return {
    privateNetworks: listOf([PANEL_PRIVATE_NETWORKS, ...addressesIn(new URL(PANEL_URL))].join(' ')),
    allowsPlainHttp: PANEL_PLAIN_HTTP === 'allow',
  }
}

function policyOf({ INSTALL_TRIES, FORCE_DELETE_AFTER_HOURS: hours }: Env): Policy {
  return {
    mostReinstalls: INSTALL_TRIES - 1,
    forceDeleteAfterMs: hours === undefined ? null : hours * 3_600_000,
  }
}
