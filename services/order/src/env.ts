import { baseEnv } from '@spawnpoint/service-kit'
import { z } from 'zod'

export const envSchema = z.object({
  ...baseEnv,
  PORT: z.coerce.number().int().min(0).max(65535).default(3002),
})

export type Env = z.infer<typeof envSchema>
