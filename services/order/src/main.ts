import { readEnv, runService } from '@spawnpoint/service-kit'
import { envSchema } from './env.ts'
import { startOrder } from './service.ts'

await runService(() => startOrder(readEnv(envSchema)))
