import { createLogger } from '@spawnpoint/service-kit'
import { eventually, testNats } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { connectNats, type Nats } from '../src/connection/connect.ts'
import { answerRequests, ask } from '../src/rpc/request.ts'

const log = createLogger({ service: 'test', level: 'silent' })
const contract = { subject: 'rpc.test.late', request: z.object({}), reply: z.object({ by: z.string() }) }

let server: Awaited<ReturnType<typeof testNats>>
let nats: Nats
beforeAll(async () => {
  server = await testNats()
  nats = connectNats({ url: server.url, name: 'test', log })
  await nats.connection()
})
afterAll(async () => {
  await nats.close()
  await server[Symbol.asyncDispose]()
})

test('a handler that is stopped before NATS is there stops at once, and answers nothing later', async () => {
  const { late, connects } = connectsLater()
  await answerRequests({ nats: late, contract, handle: async () => ({ by: 'stopped' }), log }).stop()
  const other = answerRequests({ nats: late, contract, handle: async () => ({ by: 'other' }), log })
  connects()
  await eventually(() => ask({ nats, contract, request: {}, timeoutMs: 1_000 }))
  const answers = await Promise.all(
    Array.from({ length: 20 }, () => ask({ nats, contract, request: {}, timeoutMs: 1_000 })),
  )
  expect(new Set(answers.map(({ by }) => by))).toEqual(new Set(['other']))
  await other.stop()
})

test('a handler is stopped while NATS never comes', async () => {
  const { late } = connectsLater()
  await answerRequests({ nats: late, contract, handle: async () => ({ by: 'never' }), log }).stop()
})

/** The same connection, once it is said to be there. */
function connectsLater(): { late: Nats; connects: () => void } {
  let connects = () => {}
  const there = new Promise<void>((resolve) => {
    connects = resolve
  })
  return {
    late: { ...nats, connection: () => there.then(() => nats.connection()) },
    connects: () => connects(),
  }
}
