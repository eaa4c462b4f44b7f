import { z } from '@hono/zod-openapi'
import { baseEnv, isExample, isGuessable } from '@spawnpoint/service-kit'

const signingSecret =
  "must be whsec_ and 24 characters or more that nobody guesses, as Stripe makes them: dashboard, Developers, Webhooks, your endpoint's signing secret"

const webUrl = z.url({ protocol: /^https?$/ })

export const envSchema = z.object({
  ...baseEnv,
  PORT: baseEnv.PORT.default(3001).describe('HTTP port'),
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^[sr]k_(test|live)_\S+$/, 'must begin with sk_test_, sk_live_, rk_…')
    .refine(isOwnKey, "must be a key of your own account: Stripe's dashboard, Developers, API keys")
    .describe("`sk_…` or `rk_…`; says which mode's events count, test or live"),
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .transform((text) => text.split(',').map((secret) => secret.trim()))
    .pipe(z.array(z.string().refine(isSigningSecret, signingSecret)).min(1))
    .describe('`whsec_…`; several with commas while one is replaced, or for several endpoints'),
  STRIPE_API_URL: webUrl
    .refine(isEncryptedOrHere, 'must be https, unless it is on this machine: the key goes there')
    .optional()
    .describe('another Stripe API than `https://api.stripe.com`'),
  CHECKOUT_SUCCESS_URL: webUrl.describe('where buyers go once they have paid'),
  CHECKOUT_CANCEL_URL: webUrl.describe('where buyers go who turn back'),
  CHECKOUT_MINUTES: z.coerce
    .number()
    .int()
    .min(30, 'must be 30 or more: Stripe keeps a checkout open for at least 30 minutes')
    .max(1_440, 'must be 1440 or less: Stripe keeps a checkout open for at most 24 hours')
    .default(60)
    .describe(
      'how long a checkout stays open, and with it the place that its order holds: 30 minutes to 24 hours, as Stripe allows',
    ),
  JOURNAL_RETENTION_DAYS: z.coerce
    .number()
    .int()
    .min(0)
    .default(400)
    .describe('how long processed Stripe events are kept; 0 keeps them for ever'),
  REFUNDS: z
    .enum(['manual', 'automatic', 'dry-run'])
    .default('manual')
    .describe(
      'what becomes of money that is to go back: it waits for `npx spawnpoint refunds approve` (`manual`), goes (`automatic`), or it is only said what would be done (`dry-run`)',
    ),
  REFUNDS_PER_DAY: z.coerce
    .number()
    .int()
    .min(0)
    .default(20)
    .describe('how many refunds are sent within 24 hours at most; the next ones wait'),
  CATCH_UP_MINUTES: z.coerce
    .number()
    .min(0)
    .default(5)
    .describe(
      'how often everything is compared with what Stripe has, for what no webhook brought; 0: only when `npx spawnpoint catch-up` asks',
    ),
})

// Those of Stripe's documentation open an account that everybody has.
const publicKeys = ['sk_test_4eC39HqLyjWDarjtT1zdp7dc', 'sk_test_BQokikJOvBiI2HlWgH4olfQ2']

function isOwnKey(key: string): boolean {
  return !publicKeys.includes(key) && !isExample(key)
}

/** Stripe's have 32 letters and digits, those of `stripe listen` 64 hexadecimal digits. */
function isSigningSecret(secret: string): boolean {
  return /^whsec_[\w+/=-]{24,}$/.test(secret) && !isGuessable(secret.slice('whsec_'.length))
}

function isEncryptedOrHere(url: string): boolean {
  const { protocol, hostname } = new URL(url)
  return protocol === 'https:' || /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname)
}

export type Env = z.infer<typeof envSchema>
