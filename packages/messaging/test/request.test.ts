import { createLogger } from '@spawnpoint/service-kit'
import { eventually, type PrivateNats, testNats } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { connectNats, type Nats } from '../src/connection/connect.ts'
import { answerRequests, ask, RequestRefused } from '../src/rpc/request.ts'

const greet = {
  subject: 'rpc.test.greet',
  request: z.object({ name: z.string().max(70_000) }),
  reply: z.object({ greeting: z.string() }),
}
const log = createLogger({ service: 'test', level: 'silent' })
let server: PrivateNats
let asker: Nats
let answerer: Nats

beforeEach(async () => {
  server = await testNats()
  asker = connectNats({ url: server.url, name: 'asker', log })
  answerer = connectNats({ url: server.url, name: 'answerer', log })
  await Promise.all([asker.connection(), answerer.connection()])
})

afterEach(async () => {
  await Promise.all([asker.close(), answerer.close()])
  await server[Symbol.asyncDispose]()
})

test('a request is answered', async () => {
  answering(answerer, async ({ name }) => ({ greeting: `Hello ${name}` }))
  expect(await asked('Ada')).toEqual({ greeting: 'Hello Ada' })
})

test('a renamed subject is answered to and by services of the version before', async () => {
  const renamed = { ...greet, subject: 'rpc.test.welcome', formerly: greet.subject }
  const old = answering(answerer, async ({ name }) => ({ greeting: `Hello ${name}` }))
  const question = { nats: asker, request: { name: 'Ada' }, timeoutMs: 5_000 }
  expect(await ask({ ...question, contract: renamed })).toEqual({ greeting: 'Hello Ada' })
  await old.stop()
  const answers = answerRequests({
    nats: answerer,
    contract: renamed,
    handle: async ({ name }) => ({ greeting: `Welcome ${name}` }),
    log,
  })
  expect(await ask({ ...question, contract: greet })).toEqual({ greeting: 'Welcome Ada' })
  expect(await ask({ ...question, contract: renamed })).toEqual({ greeting: 'Welcome Ada' })
  await answers.stop()
})

test('a refusal reaches the asker with its code', async () => {
  answering(answerer, async () => {
    throw new RequestRefused('not_today', 'Come back tomorrow')
  })
  await expect(asked('Ada')).rejects.toMatchObject({ code: 'not_today', message: 'Come back tomorrow' })
})

test('a request that does not fit is refused in words, and a huge one before it is sent', async () => {
  answering(answerer, async () => ({ greeting: 'never' }))
  const wrong = { ...greet, request: z.object({ name: z.number() }) }
  await expect(
    ask({ nats: asker, contract: wrong, request: { name: 7 }, timeoutMs: 2_000 }),
  ).rejects.toMatchObject({ code: 'invalid_request', message: expect.stringContaining('name') })
  await expect(asked('x'.repeat(100_000))).rejects.toMatchObject({ code: 'request_too_large' })
})

test('what others send is refused too: a huge request, and one that is not JSON', async () => {
  answering(answerer, async () => ({ greeting: 'Hello' }))
  await asked('Ada')
  const connection = await asker.connection()
  for (const [body, code] of [
    [JSON.stringify({ name: 'x'.repeat(100_000) }), 'request_too_large'],
    ['{', 'invalid_request'],
  ] as const) {
    const answer = await connection.request(greet.subject, body, { timeout: 2_000 })
    expect(answer.json()).toMatchObject({ ok: false, code })
  }
})

test('with nobody there it asks again quickly, and an answerer that comes within the budget is read', async () => {
  const asking = asked('Ada')
  const late = connectNats({ url: server.url, name: 'late', log })
  answering(late, async () => ({ greeting: 'just come' }))
  expect(await asking).toEqual({ greeting: 'just come' })
  await late.close()
})

test('when the budget is over the error says why: nobody there, NATS away', async () => {
  await expect(asked('Ada', 300)).rejects.toMatchObject({ code: 'unanswered' })
  await server.stop()
  await eventually(() => expect(asker.isConnected()).toBe(false))
  const began = performance.now()
  await expect(asked('Ada', 300)).rejects.toMatchObject({ code: 'unanswered' })
  expect(performance.now() - began).toBeLessThan(4_000)
  await server.start()
})

test('an answerer that dies with the request in hand costs two seconds, not the budget', async () => {
  const dying = connectNats({ url: server.url, name: 'dying', log })
  let taken = false
  answering(dying, async () => {
    taken = true
    return await new Promise(() => {})
  })
  await dying.connection()
  const began = performance.now()
  const asking = asked('Ada', 10_000)
  await eventually(() => expect(taken).toBe(true))
  await dying.close()
  answering(answerer, async () => ({ greeting: 'from the other' }))
  expect(await asking).toEqual({ greeting: 'from the other' })
  expect(performance.now() - began).toBeLessThan(8_000)
})

test('a slow answer is taken, and the handler is not asked twice for it', async () => {
  let calls = 0
  let answerNow = () => {}
  answering(answerer, async () => {
    calls += 1
    await new Promise<void>((resolve) => (answerNow = resolve))
    return { greeting: 'at last' }
  })
  const asking = asked('Ada', 10_000)
  await eventually(() => expect(calls).toBe(1))
  const seen = watched(greet.subject)
  await eventually(() => expect(seen.count()).toBeGreaterThanOrEqual(1))
  answerNow()
  expect(await asking).toEqual({ greeting: 'at last' })
  expect(calls).toBe(1)
})

test('a service that fails is asked again: its database may come back', async () => {
  let calls = 0
  answering(answerer, async () => {
    calls += 1
    if (calls === 1) throw new Error('The database is away')
    return { greeting: 'back again' }
  })
  expect(await asked('Ada', 10_000)).toEqual({ greeting: 'back again' })
})

test('after NATS was away requests are answered again', async () => {
  answering(answerer, async () => ({ greeting: 'still here' }))
  expect(await asked('Ada')).toEqual({ greeting: 'still here' })
  await server.restart()
  expect(await asked('Ada', 10_000)).toEqual({ greeting: 'still here' })
})

test('who stops answers what is in hand, and takes no more', async () => {
  let answerNow = () => {}
  let calls = 0
  const stopping = answering(answerer, async () => {
    calls += 1
    await new Promise<void>((resolve) => (answerNow = resolve))
    return { greeting: 'just in time' }
  })
  const asking = asked('Ada')
  await eventually(() => expect(calls).toBe(1))
  const stopped = stopping.stop()
  answerNow()
  expect(await asking).toEqual({ greeting: 'just in time' })
  await stopped
  await expect(asked('Bob', 300)).rejects.toMatchObject({ code: 'unanswered' })
  expect(calls).toBe(1)
})

function answering(nats: Nats, handle: (request: { name: string }) => Promise<{ greeting: string }>) {
  return answerRequests({ nats, contract: greet, handle, log })
}

function asked(name: string, timeoutMs = 5_000) {
  return ask({ nats: asker, contract: greet, request: { name }, timeoutMs })
}

function watched(subject: string) {
  let count = 0
  answerer.connection().then((connection) =>
    connection.subscribe(subject, {
      callback: () => {
        count += 1
      },
    }),
  )
  return { count: () => count }
}
