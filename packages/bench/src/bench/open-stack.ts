import { randomBytes } from 'node:crypto'
import { type Owned, type Stack, type StackOptions, startStack } from '@spawnpoint/stack'
import { openServers, type ServerChoice, type Servers } from './open-servers.ts'

export type OpenStack = Servers & { stack: Stack }

/** The real services as processes, with simulated Stripe and panel, on schemas of this run's own. */
export async function openStack(
  choice: ServerChoice,
  started: Owned,
  changes: Pick<StackOptions, 'panel' | 'stripe' | 'timeScale' | 'ports'> = {},
): Promise<OpenStack> {
  const servers = await openServers(choice, started)
  const stack = started.own(
    await startStack({
      dataDir: servers.dataDir,
      prefix: `bench${randomBytes(2).toString('hex')}_`,
      env: {
        MYSQL_URL: servers.mysql.adminUrl,
        NATS_URL: servers.nats.url,
        MAX_OPEN_ORDERS_PER_CUSTOMER: '10000',
        UNPAID_CAPACITY_SHARE: '1',
      },
      ...changes,
    }),
  )
  return { ...servers, stack }
}
