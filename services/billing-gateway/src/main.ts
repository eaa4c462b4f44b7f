import { describeRecovered } from '@spawnpoint/operations'
import { readEnv, runOnce, runService } from '@spawnpoint/service-kit'
import { envSchema } from './env.ts'
import { recoverBilling } from './recovery/recover-billing.ts'
import { startBillingGateway } from './service.ts'

// A command, not a variable: a recovery must not stay switched on.
if (process.argv[2] === 'recover') await runOnce(() => recoverBilling(readEnv(envSchema)), describeRecovered)
else await runService(() => startBillingGateway(readEnv(envSchema)))
