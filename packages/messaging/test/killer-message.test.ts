import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { sql } from '@spawnpoint/database'
import {
  eventually,
  type InboxRow,
  type Listener,
  openListener,
  orderEvent,
  paymentEvents,
} from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
let listener: Listener

beforeAll(async () => {
  await promisify(execFile)(
    process.execPath,
    [here('../../../infra/build.mjs'), fileURLToPath(new URL('./consumer-process.ts', import.meta.url))],
    {
      cwd: here('..'),
    },
  )
  listener = await openListener()
}, 60_000)
afterAll(() => listener?.[Symbol.asyncDispose]())

test('the message that kills the process is found among 63 others, and no other becomes a dead letter', async () => {
  const events = paymentEvents(64)
  const killer = events[10] as (typeof events)[number]
  const others = Array.from({ length: 20 }, (_, n) => orderEvent(`beside_${n}`))
  await listener.publish(events)
  await listener.publish(others, 'ORDER')

  const deaths = await runUntil(async () => expect(await undecided()).toBe(0), killer.subject)

  const rest = [...events, ...others].filter(({ id }) => id !== killer.id)
  await listener.allDone(rest)
  expect(await listener.deadLetters()).toMatchObject([{ event_id: killer.id, class: 'crashed_the_process' }])
  const rows = await listener.prisma.$queryRaw<(InboxRow & { event_id: string })[]>(sql`SELECT * FROM inbox`)
  const unharmed = rows.filter(({ event_id }) => event_id !== killer.id)
  expect(unharmed.every(({ outcome, failures }) => outcome === 'done' && failures === 0)).toBe(true)
  expect(Math.max(...unharmed.map(({ attempts }) => attempts))).toBeLessThanOrEqual(1)
  // Twice in a batch, and then isolated.
  expect(deaths).toBe(6)
}, 120_000)

async function undecided(): Promise<number> {
  const [row] = await listener.prisma.$queryRaw<{ decided: bigint }[]>(
    sql`SELECT COUNT(*) AS decided FROM inbox WHERE outcome IS NOT NULL`,
  )
  return 84 - Number(row?.decided ?? 0)
}

/** Restarts the service whenever it has died; returns how often. */
async function runUntil(isOver: () => Promise<void>, killer: string): Promise<number> {
  let deaths = 0
  let over = false
  let child = start(killer)
  const reviving = (async () => {
    for (;;) {
      await once(child, 'exit')
      if (over) return
      deaths += 1
      child = start(killer)
    }
  })()
  try {
    await eventually(isOver, { timeoutMs: 90_000, everyMs: 100 })
  } finally {
    over = true
    child.kill('SIGKILL')
    await reviving
  }
  return deaths
}

function start(killer: string) {
  const { database, natsServer } = listener
  const env = { ...process.env, DATABASE_URL: database.url, NATS_URL: natsServer.url, KILLER: killer }
  return spawn(process.execPath, [here('../dist/consumer-process.js')], { env, stdio: 'inherit' })
}
