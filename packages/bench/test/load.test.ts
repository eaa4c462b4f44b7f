import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { eventually, freePort } from '@spawnpoint/stack'
import { afterEach, expect, test } from 'vitest'
import { startLoad } from '../src/ingest/load.ts'

let server: Server | undefined
afterEach(() => server?.close())

test('each connection sends its next event when the last is answered, and every answer is kept', async () => {
  const port = await answer((socket) => socket.write(answerOf(200)))
  const load = await startLoad({ port, connections: 4, requests: numbered() })
  await eventually(() => expect(load.answers.length).toBeGreaterThan(100))
  await load.stop()
  const numbers = load.answers.map(({ number }) => number).toSorted((a, b) => a - b)
  expect(numbers).toEqual(numbers.map((_, index) => index))
  expect(load.answers.every(({ status, sentAt, answeredAt }) => status === 200 && sentAt <= answeredAt)).toBe(
    true,
  )
})

test('an answer that comes in pieces is one answer', async () => {
  const port = await answer((socket) => {
    const whole = answerOf(503)
    const pieces = [whole.slice(0, 25), whole.slice(25, -1), whole.slice(-1)]
    for (const [index, piece] of pieces.entries()) setTimeout(() => socket.write(piece), index * 20)
  })
  const load = await startLoad({ port, connections: 1, requests: numbered() })
  await eventually(() => expect(load.answers.length).toBeGreaterThan(2))
  await load.stop()
  expect(load.answers.map(({ status }) => status)).toEqual(load.answers.map(() => 503))
})

test('a connection that is lost leaves its event unanswered, and another takes its place', async () => {
  let received = 0
  const port = await answer((socket) => (received++ === 0 ? socket.destroy() : socket.write(answerOf(200))))
  const load = await startLoad({ port, connections: 1, requests: numbered() })
  await eventually(() => expect(load.answers.length).toBeGreaterThan(2))
  await load.stop()
  expect(load.answers.slice(0, 2)).toMatchObject([
    { number: 0, status: 0 },
    { number: 1, status: 200 },
  ])
})

test('a connection that closes between two events costs none of them', async () => {
  const port = await answer((socket) => socket.end(answerOf(503)))
  const load = await startLoad({ port, connections: 1, requests: numbered(), pauseMs: 50 })
  await eventually(() => expect(load.answers.length).toBeGreaterThan(2))
  await load.stop()
  expect(load.answers.map(({ status }) => status)).toEqual(load.answers.map(() => 503))
})

test('an event that is never answered is waited for so long and no longer', async () => {
  const port = await answer(() => {})
  const load = await startLoad({ port, connections: 2, requests: numbered(), patienceMs: 100 })
  await load.stop()
  expect(load.answers).toMatchObject([{ status: 0 }, { status: 0 }])
  await load.stop()
})

async function answer(whenAsked: (socket: Socket) => void): Promise<number> {
  const port = await freePort()
  server = createServer((socket) => {
    socket.on('data', () => whenAsked(socket))
    socket.on('error', () => socket.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return port
}

function answerOf(status: number): string {
  return `HTTP/1.1 ${status} Said\r\ncontent-length: 2\r\n\r\nok`
}

function numbered() {
  let given = 0
  return {
    bodyBytes: 2,
    prepare: () => {},
    next: () => ({ number: given++, bytes: Buffer.from('POST / HTTP/1.1\r\n\r\n') }),
  }
}
