import { readEnv, runService } from '@spawnpoint/service-kit'
import { envSchema } from './env.ts'
import { startBillingGateway } from './service.ts'

await runService(() => startBillingGateway(readEnv(envSchema)))
