import { once } from 'node:events'
import { rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describeNats } from '@spawnpoint/messaging'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { testNats } from '../src/fixtures.ts'
import { freePort } from '../src/free-port.ts'
import { launch } from '../src/launch.ts'
import { findNatsBinary, openNats } from '../src/nats.ts'
import { type PrivateNats, startPrivateNats } from '../src/private-nats.ts'
import { testDirectory } from '../src/test-directory.ts'

let nats: PrivateNats

beforeEach(async () => {
  nats = await testNats()
})

afterEach(() => nats[Symbol.asyncDispose]())

test('it runs with JetStream and reports its address', async () => {
  expect(nats.description).toMatch(/^nats-server \d+\.\d+\.\d+ \(private, 127\.0\.0\.1:\d+\)$/)
  expect(await describeNats(nats.url)).toEqual({ version: nats.version, jetstream: true })
})

test('it comes back on its port after a kill', async () => {
  await nats.kill()
  await expect(describeNats(nats.url)).rejects.toThrow('CONNECTION_REFUSED')
  expect(await nats.exited).toMatchObject({ signal: 'SIGKILL', wanted: true })

  await nats.start()
  expect(await describeNats(nats.url)).toMatchObject({ jetstream: true })
})

test('streams survive a restart and a kill, but not a wipe', async () => {
  await request(nats.url, '$JS.API.STREAM.CREATE.FRUIT', {
    name: 'FRUIT',
    subjects: ['fruit.>'],
    storage: 'file',
  })
  await nats.restart()
  expect(await streams(nats.url)).toEqual(['FRUIT'])
  await nats.kill()
  await nats.start()
  expect(await streams(nats.url)).toEqual(['FRUIT'])

  await nats.wipe()
  expect(await streams(nats.url)).toEqual([])
})

test('a directory whose server could not start is free again', async () => {
  const dataDir = testDirectory('nats')
  writeFileSync(join(dataDir, 'streams'), 'a file where the server wants a folder')
  const start = () => startPrivateNats({ binary: findNatsBinary() ?? 'nats-server', dataDir })
  await expect(start()).rejects.toThrow('nats-server ended before it was ready (exit code 1)')

  rmSync(join(dataDir, 'streams'))
  await (await start())[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true })
})

test('a given server is used as it is and survives us', async () => {
  const given = await openNats({ dataDir: '/nowhere', url: nats.url })
  expect(given).toMatchObject({ owned: false, version: nats.version })
  await given[Symbol.asyncDispose]()
  expect(await describeNats(nats.url)).toMatchObject({ jetstream: true })
})

test('a given server without JetStream is refused with what to do', async () => {
  const info = 'INFO {"version":"2.10.1","proto":1,"max_payload":1048576}\r\n'
  const plain = createServer((socket) => {
    socket.write(info)
    socket.on('data', (chunk) => String(chunk).includes('PING') && socket.write('PONG\r\n'))
  }).listen(0, '127.0.0.1')
  await once(plain, 'listening')
  const address = plain.address()
  const port = typeof address === 'object' ? address?.port : undefined
  await expect(openNats({ dataDir: '/nowhere', url: `nats://127.0.0.1:${port}` })).rejects.toThrow(
    'without JetStream',
  )
  plain.close()
})

test('a given server with a password is used with it, and refused without', async () => {
  const dataDir = testDirectory('nats-password')
  const port = await freePort()
  await using _ = await launch({
    name: 'nats-server',
    command: findNatsBinary() ?? '',
    args: ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', dataDir, '--user', 'shop', '--pass', 'hush'],
    logFile: join(dataDir, 'log'),
    ready: async () => (await describeNats(`nats://shop:hush@127.0.0.1:${port}`)).jetstream,
  })
  const given = await openNats({ dataDir: '/nowhere', url: `nats://shop:hush@127.0.0.1:${port}` })
  expect(given.description).not.toContain('hush')
  await expect(openNats({ dataDir: '/nowhere', url: `nats://127.0.0.1:${port}` })).rejects.toThrow(
    'Authorization Violation',
  )
})

async function streams(url: string): Promise<unknown> {
  const answer = await request(url, '$JS.API.STREAM.NAMES', {})
  return answer.streams ?? []
}

// NATS' protocol is text: this keeps the client library out of the one package that must not need it.
async function request(url: string, subject: string, body: object): Promise<Record<string, unknown>> {
  const { connect } = await import('node:net')
  const { hostname, port, username: user, password: pass } = new URL(url)
  const socket = connect(Number(port), hostname).setEncoding('utf8')
  const payload = JSON.stringify(body)
  socket.write(
    `CONNECT ${JSON.stringify({ verbose: false, user, pass })}\r\nSUB answer 1\r\nPUB ${subject} answer ${payload.length}\r\n${payload}\r\n`,
  )
  let received = ''
  for await (const chunk of socket) {
    received += chunk
    const message = /MSG answer 1 \d+\r\n(.*)\r\n/.exec(received)?.[1]
    if (message) return JSON.parse(message)
  }
  throw new Error('no answer')
}
