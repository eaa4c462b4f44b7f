import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  findNatsBinary,
  freePort,
  launch,
  log,
  owning,
  testCertificates,
  testDirectory,
} from '@spawnpoint/stack'
import { connect } from 'nats'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connectNats } from '../src/connection/connect.ts'
import { natsOptions } from '../src/connection/nats-url.ts'

const { authority, otherAuthority, server, serverKey } = testCertificates
const cleanUp = owning()
let port: number

beforeAll(async () => {
  const dataDir = testDirectory('nats-tls')
  cleanUp.own({ [Symbol.dispose]: () => rmSync(dataDir, { recursive: true }) })
  port = await freePort()
  const file = join(dataDir, 'nats.conf')
  const tls = `tls { cert_file: ${JSON.stringify(server)}, key_file: ${JSON.stringify(serverKey)} }`
  writeFileSync(file, `listen: 127.0.0.1:${port}\n${tls}\n`)
  const nats = await launch({
    name: 'nats-server',
    command: findNatsBinary() ?? 'nats-server',
    args: ['--config', file],
    logFile: join(dataDir, 'server.log'),
    pidFile: join(dataDir, 'pid'),
    ready: async () => {
      await (await connect(natsOptions(urlOf()))).close()
      return true
    },
  })
  cleanUp.own({ [Symbol.asyncDispose]: async () => void (await nats.stop()) })
})
afterAll(() => cleanUp[Symbol.asyncDispose]())

test('a service connects to a server whose certificate its authority signed', async () => {
  const nats = connectNats({ url: urlOf(), name: 'order', log })
  cleanUp.own({ [Symbol.asyncDispose]: nats.close })
  expect((await nats.connection()).getServer()).toBe(`localhost:${port}`)
})

test('a server whose certificate another authority signed is not believed', async () => {
  const options = { ...natsOptions(urlOf(otherAuthority)), timeout: 2_000, reconnect: false }
  await expect(connect(options)).rejects.toThrow(/certificate/i)
})

function urlOf(ca = authority): string {
  return `tls://localhost:${port}?ca=${ca}`
}
