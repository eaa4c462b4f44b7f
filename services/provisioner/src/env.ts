import { z } from '@hono/zod-openapi'
import { baseEnv } from '@spawnpoint/service-kit'
import { readKeyRing } from './key-ring.ts'

export const envSchema = z.object({
  ...baseEnv,
  PORT: baseEnv.PORT.default(3003).describe('HTTP port, on all interfaces'),
  PANEL_URL: z
    .url()
    .transform((url) => url.replace(/\/+$/, ''))
    .describe('the panel, such as `https://panel.example.com`'),
  PANEL_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be visible ASCII characters')
    .optional()
    .describe('an Application API key, `ptla_…`; the secret `panel_token`, where one is set, wins over it'),
  SECRETS_KEYS: z
    .string()
    .default('')
    .transform(readKeyRing)
    .describe(
      '`id:<base64 of 32 bytes>,…`, newest first: encrypts secrets at rest; without one none can be kept',
    ),
})

export type Env = z.output<typeof envSchema>
