import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { adapter, migrate, sql } from '@spawnpoint/database'
import { createDatabases, migrationsOf, openMysql, owning } from '@spawnpoint/stack'
import { checkoutSession, signedWebhook, stripeEvent } from '@spawnpoint/stripe-simulator'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PrismaClient } from '../src/generated/client.ts'
import { type Gateway, startGateway } from './gateway.ts'

const cleanUp = owning()
let gateway: Gateway
let serverPid: number

// A server of this test's own, because it will be stopped.
beforeAll(async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'spawnpoint-away-'))
  cleanUp.own({ [Symbol.dispose]: () => rmSync(dataDir, { recursive: true, force: true }) })
  const { adminUrl } = cleanUp.own(await openMysql({ dataDir, durable: false }))
  serverPid = await pidOfServer(adminUrl)
  const urls = await createDatabases({ adminUrl, credentialsFile: join(dataDir, 'databases.json') })
  await migrate({ url: urls.migrations.billing, directory: migrationsOf.billing })
  gateway = cleanUp.own(
    await startGateway({
      url: urls.services.billing,
      name: 'billing',
      [Symbol.asyncDispose]: async () => {},
    }),
  )
})

afterAll(async () => {
  process.kill(serverPid, 'SIGCONT')
  await cleanUp[Symbol.asyncDispose]()
})

test('with the database stopped for five seconds, 64 connections get a stored 200 or a 503 within ten', async () => {
  const outage = stopServer(5_000)
  const answers = (await Promise.all(Array.from({ length: 64 }, () => postUntil(outage)))).flat()

  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(10_000)
  expect(answers.filter(({ status }) => status !== 200 && status !== 503)).toEqual([])
  const acknowledged = answers.flatMap(({ status, eventId }) => (status === 200 ? [eventId] : []))
  const rows = await gateway.prisma.stripeEvent.findMany({ select: { eventId: true } })
  const stored = new Set(rows.map(({ eventId }) => eventId))
  expect(acknowledged.length).toBeGreaterThan(64)
  expect(acknowledged.filter((eventId) => !stored.has(eventId))).toEqual([])
})

test('with the database stopped for longer, every request gets 503 with Retry-After, and a retry succeeds', async () => {
  const outage = stopServer(9_500)
  const answers = await Promise.all(Array.from({ length: 64 }, post))
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]))
  expect(answers.every(({ retryAfter }) => Number(retryAfter) > 0)).toBe(true)
  expect(Math.max(...answers.map(({ ms }) => ms))).toBeLessThan(10_000)
  await outage
  expect((await post()).status).toBe(200)
})

async function stopServer(forMs: number): Promise<void> {
  process.kill(serverPid, 'SIGSTOP')
  await delay(forMs)
  process.kill(serverPid, 'SIGCONT')
}

async function postUntil(over: Promise<void>) {
  let goOn = true
  over.then(() => {
    goOn = false
  })
  const answers = [await post()]
  while (goOn) answers.push(await post())
  answers.push(await post())
  return answers
}

async function post() {
  const event = stripeEvent('checkout.session.completed', checkoutSession({ metadata: {} }))
  const begun = performance.now()
  const response = await gateway.post(signedWebhook(event, gateway.webhookSecret))
  await response.arrayBuffer()
  const { status, headers } = response
  return { status, retryAfter: headers.get('retry-after'), eventId: event.id, ms: performance.now() - begun }
}

async function pidOfServer(adminUrl: string): Promise<number> {
  const prisma = new PrismaClient({ adapter: adapter(adminUrl) })
  const [row] = await prisma.$queryRaw<{ file: string }[]>(sql`SELECT @@pid_file AS file`)
  await prisma.$disconnect()
  return Number(readFileSync(row?.file ?? '', 'utf8'))
}
