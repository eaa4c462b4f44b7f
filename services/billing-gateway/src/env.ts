import { z } from '@hono/zod-openapi'
import { baseEnv } from '@spawnpoint/service-kit'

export const envSchema = z.object({
  ...baseEnv,
  PORT: baseEnv.PORT.default(3001),
  STRIPE_SECRET_KEY: z.string().regex(/^[sr]k_(test|live)_\S+$/, 'must begin with sk_test_, sk_live_, rk_…'),
  /** Several with commas while one is being replaced, or for several endpoints: any of them may have signed. */
  STRIPE_WEBHOOK_SECRET: z
    .string()
    .transform((text) => text.split(',').map((secret) => secret.trim()))
    .pipe(z.array(z.string().min(1)).min(1)),
  /** Another Stripe than api.stripe.com. */
  STRIPE_API_URL: z.url({ protocol: /^https?$/ }).optional(),
  CHECKOUT_SUCCESS_URL: z.url({ protocol: /^https?$/ }),
  CHECKOUT_CANCEL_URL: z.url({ protocol: /^https?$/ }),
})

export type Env = z.infer<typeof envSchema>
