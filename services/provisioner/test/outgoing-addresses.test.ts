import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, isIPv6, type Server } from 'node:net'
import { gzipSync } from 'node:zlib'
import { owning, testCertificates } from '@spawnpoint/stack'
import { afterEach, expect, test } from 'vitest'
import type { LookupAll } from '../src/pterodactyl/lookup-allowed.ts'
import { createSend, type Send } from '../src/pterodactyl/send.ts'
import { listOf } from '../src/rules/special-addresses.ts'

// 127.0.0.1 stands for the public address of a panel, 127.0.0.2 for something inside that is none.

const cleanUp = owning()
afterEach(() => cleanUp[Symbol.asyncDispose]())

const addresses = { privateNetworks: listOf('127.0.0.1'), allowsPlainHttp: true }

test('a name that leads to another address by the time it is called is not followed there', async () => {
  const panel = await listen(
    '127.0.0.1',
    (_, answer) => void answer.setHeader('connection', 'close').end('{}'),
  )
  const inside = await listen('127.0.0.2', ok, panel.port)
  const { lookup, asked } = resolving(['127.0.0.1'], ['127.0.0.2'])
  const send = createSend({ addresses, lookup })
  const url = `http://panel.example.com:${panel.port}`
  expect(await ask(send, url)).toMatchObject({ status: 200 })
  await expect(ask(send, url)).rejects.toMatchObject({
    kind: 'not_allowed',
    detail: expect.stringMatching(/panel\.example\.com leads to 127\.0\.0\.2\. .*PANEL_PRIVATE_NETWORKS/),
  })
  expect(asked()).toBe(2)
  expect(inside.connections()).toBe(0)
})

test('of the addresses of a name only those are tried that are allowed', async () => {
  const panel = await listen('127.0.0.1')
  const inside = await listen('127.0.0.2', ok, panel.port)
  const { lookup } = resolving(['127.0.0.2', 'fd00::1', '127.0.0.1'])
  const url = `http://panel.example.com:${panel.port}`
  expect(await ask(createSend({ addresses, lookup }), url)).toMatchObject({ status: 200 })
  expect(inside.connections()).toBe(0)
})

test('the name of this machine is looked up, and refused until its address is allowed', async () => {
  const here = await listen('127.0.0.1')
  const url = `http://localhost:${here.port}`
  const none = { privateNetworks: listOf(''), allowsPlainHttp: false }
  await expect(ask(createSend({ addresses: none }), url)).rejects.toMatchObject({ kind: 'not_allowed' })
  expect(here.connections()).toBe(0)
  const loopback = { ...none, privateNetworks: listOf('127.0.0.1,::1') }
  expect(await ask(createSend({ addresses: loopback }), url)).toMatchObject({ status: 200 })
})

test.each(['127.0.0.2', '127.2', '2130706434', '0x7f000002', '[::ffff:127.0.0.2]', '[64:ff9b::7f00:2]'])(
  'no connection is made to %s, however it is written',
  async (host) => {
    const inside = await listen('127.0.0.2')
    await expect(ask(createSend({ addresses }), `http://${host}:${inside.port}`)).rejects.toMatchObject({
      kind: 'not_allowed',
    })
    expect(inside.connections()).toBe(0)
  },
)

test('plain http goes to no other machine unless it is allowed, whatever the name of this one leads to', async () => {
  const panel = await listen('127.0.0.1')
  const strict = { privateNetworks: listOf('127.0.0.0/8,8.8.8.8'), allowsPlainHttp: false }
  const { lookup } = resolving(['8.8.8.8'])
  for (const host of ['panel.example.com', 'localhost', '8.8.8.8'])
    await expect(ask(createSend({ addresses: strict, lookup }), `http://${host}:80`)).rejects.toMatchObject({
      kind: 'not_allowed',
      detail: expect.stringContaining('PANEL_PLAIN_HTTP=allow'),
    })
  expect(await ask(createSend({ addresses: strict }), panel.url)).toMatchObject({ status: 200 })
})

test('a redirect to an address that is not allowed leads nowhere', async () => {
  const inside = await listen('127.0.0.2')
  const panel = await listen(
    '127.0.0.1',
    (_, answer) => void answer.writeHead(307, { location: `${inside.url}/api/application/nodes` }).end(),
  )
  expect(await ask(createSend({ addresses }), panel.url)).toMatchObject({ status: 307 })
  expect(inside.connections()).toBe(0)
})

test('a certificate that nobody has signed is not believed', async () => {
  const options = {
    cert: readFileSync(testCertificates.server),
    key: readFileSync(testCertificates.serverKey),
  }
  const panel = await started(createTlsServer(options, ok), '127.0.0.1')
  const url = `https://localhost:${panel.port}`
  const loopback = { ...addresses, privateNetworks: listOf('127.0.0.1,::1') }
  await expect(ask(createSend({ addresses: loopback }), url)).rejects.toMatchObject({
    kind: 'unreachable',
    detail: expect.stringContaining('certificate'),
  })
})

test('calls one after another share a connection', async () => {
  const panel = await listen('127.0.0.1')
  const send = createSend({ addresses })
  for (let n = 0; n < 5; n++) await ask(send, panel.url)
  expect(panel.connections()).toBe(1)
})

test('a compressed answer is read, and one that unpacks to more than any answer is not', async () => {
  const sizes = [1_000, 17 * 1024 * 1024]
  const bodies = sizes.map((size) => gzipSync(JSON.stringify({ data: 'x'.repeat(size) })))
  const panel = await listen(
    '127.0.0.1',
    (_, answer) => void answer.setHeader('content-encoding', 'gzip').end(bodies.shift()),
  )
  const send = createSend({ addresses })
  expect(await ask(send, panel.url)).toMatchObject({ text: expect.stringMatching(/^\{"data":"x{1000}"\}$/) })
  await expect(ask(send, panel.url)).rejects.toMatchObject({ kind: 'not_json' })
})

test.each([
  ['ends in the middle', 'content-length: 100\r\n\r\n{'],
  ['wants another protocol', 'connection: upgrade\r\nupgrade: x\r\n\r\n', '101 Switching Protocols'],
  ['is no valid gzip', 'content-encoding: gzip\r\ncontent-length: 2\r\n\r\n{}'],
])('an answer that %s is none', async (_, rest, status = '200 OK') => {
  const panel = await listen(
    '127.0.0.1',
    (_, answer) => void answer.socket?.end(`HTTP/1.1 ${status}\r\n${rest}`),
  )
  await expect(ask(createSend({ addresses }), panel.url)).rejects.toMatchObject({ kind: 'unreachable' })
})

test.each([
  ['plain', {}],
  ['compressed', { 'content-encoding': 'gzip' }],
])('an answer whose %s body never ends is given up at the deadline', async (_, headers) => {
  const begun = gzipSync('{}').subarray(0, 12)
  const panel = await listen('127.0.0.1', (_, answer) => void answer.writeHead(200, headers).write(begun))
  const asking = ask(createSend({ addresses }), panel.url, 300)
  await expect(asking).rejects.toMatchObject({ kind: 'timeout' })
})

function ask(send: Send, url: string, patienceMs = 5_000) {
  const signal = AbortSignal.timeout(patienceMs)
  return send('GET /nodes', `${url}/nodes`, { method: 'GET', headers: {}, body: null, signal })
}

const ok: RequestListener = (_, answer) => void answer.end('{}')

function listen(host: string, answer: RequestListener = ok, port = 0) {
  return started(createServer(answer), host, port)
}

async function started(server: Server & { closeAllConnections(): void }, host: string, port = 0) {
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  await once(server.listen(port, host), 'listening')
  cleanUp.own({
    [Symbol.dispose]: () => {
      server.close()
      server.closeAllConnections()
    },
  })
  const taken = (server.address() as AddressInfo).port
  return { port: taken, url: `http://${host}:${taken}`, connections: () => connections }
}

/** A name server whose answers change: each list once, then the last one. */
function resolving(...lists: string[][]) {
  let asked = 0
  const lookup: LookupAll = (_, __, done) => {
    const found = lists[Math.min(asked, lists.length - 1)] ?? []
    asked += 1
    done(
      null,
      found.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 })),
    )
  }
  return { lookup, asked: () => asked }
}
