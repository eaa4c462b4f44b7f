import { z } from '@hono/zod-openapi'
import { baseEnv } from '@spawnpoint/service-kit'
import { readKeyRing } from './key-ring.ts'

export const envSchema = z.object({
  ...baseEnv,
  PORT: z.coerce.number().int().min(0).max(65_535).default(3003),
  PANEL_URL: z.url().transform((url) => url.replace(/\/+$/, '')),
  /** An Application API key; the secret `panel_token`, where one is set, wins over it. */
  PANEL_TOKEN: z.string().optional(),
  /** `name:<32 bytes in base64>`, newest first. Without one no secret can be kept. */
  SECRETS_KEYS: z.string().default('').transform(readKeyRing),
  /** Scales every timeout, backoff and lease towards the panel. */
  TIME_SCALE: z.coerce.number().positive().max(10).default(1),
})

export type Env = z.output<typeof envSchema>
