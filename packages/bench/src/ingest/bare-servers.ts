import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { migrate } from '@spawnpoint/database'
import { describeExit, migrationsOf, type Owned, type ServiceProcess, startService } from '@spawnpoint/stack'
import type { OpenStack } from '../bench/open-stack.ts'
import { openDatabase } from '../testbed/database.ts'

/** Started as the services are, with the same settings of Node. */
export async function startBareServer(
  name: 'answer-only' | 'ceiling' | 'per-event',
  { dataDir, stack }: OpenStack,
  started: Owned,
  env: Record<string, string> = {},
): Promise<ServiceProcess> {
  if (!stack.stripe) throw new Error('Only the simulated Stripe exposes the secret of its webhooks')
  const server = started.own(
    await startService({
      name,
      // Built beside the bundle that this file is a part of.
      entry: fileURLToPath(new URL(`ingest/${name}.js`, import.meta.url)),
      env: { STRIPE_WEBHOOK_SECRET: stack.stripe.webhookSecret, ...env },
      logsDir: join(dataDir, 'logs'),
    }),
  )
  // Whoever sends to it sees no more than a refused connection.
  void server.exited().then((exit) => {
    if (!exit.wanted) console.error(`${name} ended by itself (${describeExit(exit)})\n${server.tail()}`)
  })
  return server
}

/** A schema with the gateway's own tables and indexes; its URL. */
export async function createGatewaySchema({ mysql: { adminUrl } }: OpenStack, started: Owned) {
  const name = `bench_per_event_${process.pid}`
  const admin = started.own(await openDatabase(adminUrl))
  await admin.execute(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`)
  started.own({ [Symbol.asyncDispose]: async () => void (await admin.execute(`DROP DATABASE ${name}`)) })
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  await migrate({ url: url.href, directory: migrationsOf.billing })
  return url.href
}
