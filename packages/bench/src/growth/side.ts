import { eventually, type Mysql, type Owned } from '@spawnpoint/stack'
import type { ServerChoice } from '../bench/open-servers.ts'
import { openStack } from '../bench/open-stack.ts'
import { type SignedRequests, signedRequests } from '../ingest/signed-requests.ts'
import { type Database, openDatabase } from '../testbed/database.ts'
import { leaveOnly } from '../testbed/leave-only.ts'
import { openStream, type Stream } from '../testbed/stream.ts'

/** A gateway and a provisioner on servers of their own, and a look at what they store. */
export type Side = {
  billing: Database
  provisioner: Database
  /** The gateway's stream, which has no consumer, and the orders that the provisioner consumes, which have no other publisher. */
  gatewayStream: Stream
  orderStream: Stream
  port: number
  requests: SignedRequests
  /** Settles when what was changed until now is written to its place: it is nobody's work who is measured later. */
  untilWritten(): Promise<void>
}

export async function openSide(choice: ServerChoice, started: Owned, signal: AbortSignal): Promise<Side> {
  const { stack, nats, mysql } = await openStack(choice, started, { panel: { rateLimitPerMinute: null } })
  if (!stack.stripe) throw new Error('The webhooks are signed with the secret of the simulated Stripe')
  await leaveOnly(['billing-gateway', 'provisioner'], stack)
  return {
    billing: started.own(await openDatabase(stack.databases.billing)),
    provisioner: started.own(await openDatabase(stack.databases.provisioner)),
    gatewayStream: started.own(await openStream(nats.url, { name: 'BILLING', signal })),
    orderStream: started.own(await openStream(nats.url, { name: 'ORDER', signal })),
    port: stack.services['billing-gateway'].port,
    requests: signedRequests(stack.stripe.webhookSecret),
    untilWritten: () => untilWritten(mysql),
  }
}

async function untilWritten({ adminUrl, owned }: Mysql): Promise<void> {
  if (!owned) return
  await using admin = await openDatabase(adminUrl)
  const changedPages = async () => {
    const [row] = await admin.query<{ Value: string }>(
      "SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_pages_dirty'",
    )
    return Number(row?.Value)
  }
  const [own] = await admin.query<{ most: number; usual: number }>(
    'SELECT @@innodb_io_capacity_max AS most, @@innodb_io_capacity AS usual',
  )
  // In this order: the usual one may not be above the most.
  await admin.execute('SET GLOBAL innodb_io_capacity_max = 20000')
  await admin.execute('SET GLOBAL innodb_io_capacity = 20000')
  await admin.execute('SET GLOBAL innodb_max_dirty_pages_pct = 0')
  await eventually(
    async () => {
      if ((await changedPages()) > fewPages) throw new Error('The server does not come to the end of writing')
    },
    { timeoutMs: 60_000, everyMs: 200 },
  )
  await admin.execute('SET GLOBAL innodb_max_dirty_pages_pct = DEFAULT')
  await admin.execute(`SET GLOBAL innodb_io_capacity = ${own?.usual}`)
  await admin.execute(`SET GLOBAL innodb_io_capacity_max = ${own?.most}`)
}

// The services change some all the time.
const fewPages = 100
