import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { natsUsers } from '@spawnpoint/contracts'
import { describeNats } from '@spawnpoint/messaging'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort } from '../src/free-port.ts'
import { launch } from '../src/launch.ts'
import { findNatsBinary } from '../src/nats.ts'
import { natsFiles } from '../src/nats-files.ts'
import { passwordVariable } from '../src/nats-users.ts'

const binary = process.env.SPAWNPOINT_TEST_NATS_SERVER ?? findNatsBinary() ?? ''
// As compose gives them: in quotes, for this one would be no value of a configuration.
const env = {
  ...Object.fromEntries(natsUsers.map((user) => [passwordVariable(user), `"1e-${user}"`])),
  NATS_NODE: 'one',
  NATS_NODE_PASSWORD: '"2e-node"',
  NATS_ROUTES: '["nats://node:2e-node@two:6222", "nats://node:2e-node@three:6222"]',
}
let directory: string

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spawnpoint-nats-files-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** The file as it is, but for what older servers refuse, and where this test has no rights. */
function write(text: string, listen = '127.0.0.1:0'): string {
  const file = join(directory, 'nats.conf')
  writeFileSync(
    file,
    text
      .replace('  sync_interval: always\n', '')
      .replace('store_dir: /data', `store_dir: ${JSON.stringify(join(directory, 'data'))}`)
      .replace('http: 127.0.0.1:8222\n', '')
      .replace('listen: 0.0.0.0:4222', `listen: ${listen}`),
  )
  return file
}

test.each(Object.keys(natsFiles))('nats-server takes %s, whose monitoring is on loopback', async (path) => {
  const text = natsFiles[path] ?? ''
  const { stderr } = await promisify(execFile)(binary, ['--config', write(text), '-t'], { env })
  expect(stderr).toContain('configuration file')
  expect(text).toContain('http: 127.0.0.1:8222')
})

test('each user connects with its own password, and nobody without', async () => {
  const host = `127.0.0.1:${await freePort()}`
  const text = natsFiles['infra/nats/nats.conf'] ?? ''
  await using _ = await launch({
    name: 'nats-server',
    command: binary,
    args: ['--config', write(text, host)],
    env,
    logFile: join(directory, 'log'),
    ready: async () => (await describeNats(`nats://operator:1e-operator@${host}`)).jetstream,
  })
  for (const user of natsUsers)
    expect(await describeNats(`nats://${user}:1e-${user}@${host}`)).toMatchObject({ jetstream: true })
  await expect(describeNats(`nats://order:1e-operator@${host}`)).rejects.toThrow('Authorization Violation')
  await expect(describeNats(`nats://${host}`)).rejects.toThrow('Authorization Violation')
})
