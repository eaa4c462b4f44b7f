import { readEnv, runService } from '@spawnpoint/service-kit'
import { envSchema } from './env.ts'
import { startProvisioner } from './service.ts'

await runService(() => startProvisioner(readEnv(envSchema)))
