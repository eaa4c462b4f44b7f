import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createLoadShedding } from './load-shedding.ts'

const msOf = async (work: Promise<void>) => {
  const begun = performance.now()
  await work
  return performance.now() - begun
}

function work(ms: number): void {
  for (const until = performance.now() + ms; performance.now() < until; );
}

test('an idle process does not wait', async () => {
  const shedLoad = createLoadShedding(() => true)
  work(20)
  await delay(80)
  expect(await msOf(shedLoad(10_000))).toBeLessThan(15)
})

test('a process without other work does not wait', async () => {
  const shedLoad = createLoadShedding(() => false)
  work(50)
  expect(await msOf(shedLoad(10_000))).toBeLessThan(15)
})

test('a busy process waits', async () => {
  const shedLoad = createLoadShedding(() => true)
  work(50)
  expect(await msOf(shedLoad(10_000))).toBeGreaterThan(15)
})

test('a process that stays busy waits until the limit, or until it is idle', async () => {
  let isRush = true
  const shedLoad = createLoadShedding(
    () => true,
    () => (isRush ? 1 : 0),
  )
  expect(await msOf(shedLoad(200))).toBeGreaterThanOrEqual(200)
  const waiting = msOf(shedLoad(10_000))
  setTimeout(() => (isRush = false), 200)
  const waited = await waiting
  expect(waited).toBeGreaterThan(150)
  expect(waited).toBeLessThan(5_000)
})
