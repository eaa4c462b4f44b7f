import { baseEnv } from '@spawnpoint/service-kit'
import { z } from 'zod'

export const envSchema = z.object({
  ...baseEnv,
  PORT: baseEnv.PORT.default(3002).describe('HTTP port, on all interfaces'),
})

export type Env = z.infer<typeof envSchema>
