import { randomBytes } from 'node:crypto'
import { rmSync } from 'node:fs'
import { openConnection } from '@spawnpoint/database'
import type { Schema } from './databases.ts'
import { findNatsBinary } from './nats.ts'
import { type PrivateNats, startPrivateNats } from './private-nats.ts'
import { fillFromTemplate } from './schema-template.ts'
import { testDirectory } from './test-directory.ts'

export type TestDatabase = AsyncDisposable & { url: string; name: string }

/** A fresh schema on the run's server, migrated as the service's is (`undefined`: left empty), dropped when disposed. */
export async function testDatabase(schema?: Schema): Promise<TestDatabase> {
  const name = `spawnpoint_test_${schema ?? 'empty'}_${randomBytes(6).toString('hex')}`
  const admin = testMysqlUrl()
  await execute(admin, `CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`)
  const url = new URL(admin)
  url.pathname = `/${name}`
  if (schema) await fillFromTemplate(url.href, schema)
  return {
    url: url.href,
    name,
    [Symbol.asyncDispose]: () => execute(admin, `DROP DATABASE IF EXISTS ${name}`),
  }
}

/** The server of this run: the one that the global setup started, or the one given in SPAWNPOINT_TEST_MYSQL_URL. */
export function testMysqlUrl(): string {
  const url = process.env.SPAWNPOINT_TEST_MYSQL_URL
  if (!url)
    throw new Error(
      'No MySQL for tests: run them with infra/vitest.config.ts, or give SPAWNPOINT_TEST_MYSQL_URL',
    )
  return url
}

/** The users of the services, and one who may do everything. */
const passwords = {
  'billing-gateway': 'billing-secret',
  order: 'order-secret',
  provisioner: 'provisioner-secret',
  operator: 'operator-secret',
  admin: 'admin-secret',
}

/** A nats-server with JetStream of this test's own, and our users. SPAWNPOINT_TEST_NATS_SERVER names another binary than this machine's. */
export async function testNats(options: { binary?: string } = {}): Promise<PrivateNats> {
  const binary = options.binary ?? process.env.SPAWNPOINT_TEST_NATS_SERVER ?? findNatsBinary()
  if (!binary) throw new Error('nats-server is not on this machine')
  const dataDir = testDirectory('nats')
  const nats = await startPrivateNats({ binary, dataDir, passwords })
  return {
    ...nats,
    get exited() {
      return nats.exited
    },
    [Symbol.asyncDispose]: async () => {
      await nats[Symbol.asyncDispose]()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

async function execute(url: string, statement: string): Promise<void> {
  const connection = await openConnection(url)
  try {
    await connection.query(statement)
  } finally {
    await connection.end()
  }
}
