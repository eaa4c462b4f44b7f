import { baseEnv } from '@spawnpoint/service-kit'
import { z } from 'zod'

export const envSchema = z.object({
  ...baseEnv,
  PORT: baseEnv.PORT.default(3002),
})

export type Env = z.infer<typeof envSchema>
