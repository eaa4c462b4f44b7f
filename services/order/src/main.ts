import { describeRecovered } from '@spawnpoint/operations'
import { readEnv, runOnce, runService } from '@spawnpoint/service-kit'
import { envSchema } from './env.ts'
import { recoverOrder } from './recovery/recover-order.ts'
import { startOrder } from './service.ts'

// A verb, not a variable: a recovery must not be left switched on.
if (process.argv[2] === 'recover') await runOnce(() => recoverOrder(readEnv(envSchema)), describeRecovered)
else await runService(() => startOrder(readEnv(envSchema)))
