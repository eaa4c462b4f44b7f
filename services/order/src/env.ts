import { baseEnv } from '@spawnpoint/service-kit'
import { z } from 'zod'

export const envSchema = z.object({
  ...baseEnv,
  PORT: baseEnv.PORT.default(3002).describe('HTTP port'),
  SELL_WITHOUT_CAPACITY: z
    .enum(['refuse', 'allow'])
    .default('refuse')
    .describe('what to do with an order while the capacity of its region is unknown: `refuse` or `allow`'),
  MAX_OPEN_ORDERS_PER_CUSTOMER: z.coerce
    .number()
    .int()
    .min(1)
    .max(10_000)
    .default(3)
    .describe(
      'how many unpaid orders with an open checkout one customer (the same e-mail address, or id of the shop) may have at a time',
    ),
  RECONCILE_HOURS: z.coerce
    .number()
    .positive()
    .default(24)
    .describe('how often the money, the orders and the servers are compared'),
  RECONCILE_MINUTES: z.coerce
    .number()
    .min(0)
    .max(1_440)
    .default(5)
    .describe(
      'how often discrepancies that an event published again settles are looked for and repaired without a person; 0: never',
    ),
  SERVER_LATE_MINUTES: z.coerce
    .number()
    .positive()
    .max(1_440)
    .default(5)
    .describe(
      'from how long after its payment on an order without a server is logged as an error and makes `/health` `degraded`; raise it where installs take longer',
    ),
})

export type Env = z.infer<typeof envSchema>
