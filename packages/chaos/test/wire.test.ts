import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { eventually, owning } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWire, type Wire } from '../src/proxy.ts'

let started = owning()
let wire: Wire

beforeEach(async () => {
  started = owning()
  const echo = createServer((socket) => socket.on('error', () => {}).pipe(socket))
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  started.own({ [Symbol.dispose]: () => void echo.close() })
  const address = echo.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  wire = started.own(await openWire({ host: '127.0.0.1', port: address.port }))
})

afterEach(() => started[Symbol.asyncDispose]())

test('a healthy wire carries everything in its order', async () => {
  const { send, received } = await call()
  const text = Array.from({ length: 20_000 }, (_, index) => `${index}\n`).join('')
  send(text)
  await eventually(() => expect(received()).toBe(text))
})

test('a cut resets who is connected, and takes new connections at once', async () => {
  const first = await call()
  first.send('hello')
  await eventually(() => expect(first.received()).toBe('hello'))
  expect(wire.cut()).toBe(1)
  await eventually(() => expect(first.ended()).toBe('ECONNRESET'))
  const second = await call()
  second.send('again')
  await eventually(() => expect(second.received()).toBe('again'))
})

test('a stalled wire tells nobody anything, and goes on where it was when it is healed', async () => {
  const { send, received, ended } = await call()
  wire.stall()
  send('one')
  send('two')
  const other = await call()
  other.send('three')
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect([received(), other.received(), ended()]).toEqual(['', '', null])
  wire.heal()
  await eventually(() => expect([received(), other.received()]).toEqual(['onetwo', 'three']))
})

test('a slow wire carries everything, late and in its order', async () => {
  const { send, received } = await call()
  wire.slow(60)
  const begun = performance.now()
  for (const piece of ['a', 'b', 'c']) send(piece)
  await eventually(() => expect(received()).toBe('abc'))
  expect(performance.now() - begun).toBeGreaterThanOrEqual(118)
})

test('where nobody listens behind it, a caller is told at once', async () => {
  const dead = started.own(await openWire({ host: '127.0.0.1', port: 1 }))
  const { ended } = await call(dead.port)
  await eventually(() => expect(ended()).not.toBeNull())
})

async function call(port = wire.port) {
  const socket: Socket = connect({ host: '127.0.0.1', port })
  let text = ''
  let end: string | null = null
  socket.setEncoding('utf8')
  socket.on('data', (piece) => {
    text += piece
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    end = error.code ?? 'error'
  })
  socket.on('close', () => {
    end ??= 'closed'
  })
  await once(socket, 'connect')
  started.own({ [Symbol.dispose]: () => void socket.destroy() })
  return { send: (piece: string) => socket.write(piece), received: () => text, ended: () => end }
}
