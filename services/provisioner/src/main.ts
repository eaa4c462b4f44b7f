import { describeRecovered } from '@spawnpoint/operations'
import { readEnv, runOnce, runService } from '@spawnpoint/service-kit'
import { consumers } from './api/consumers.ts'
import { envSchema } from './env.ts'
import { recoverProvisioner } from './recovery/recover-provisioner.ts'
import { startProvisioner } from './service.ts'

// A verb, not a variable: a recovery must not be left switched on.
if (process.argv[2] === 'recover')
  await runOnce(() => recoverProvisioner(readEnv(envSchema), consumers), describeRecovered)
else await runService(() => startProvisioner(readEnv(envSchema)))
