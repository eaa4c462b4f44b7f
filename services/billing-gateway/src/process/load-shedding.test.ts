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

test.each([
  ['an idle process', true, 0.49],
  ['a process without other work', false, 1],
])('%s does not wait', async (_, hasOtherWork, utilization) => {
  const shedLoad = createLoadShedding(
    () => hasOtherWork,
    () => utilization,
  )
  expect(await msOf(shedLoad(10_000))).toBeLessThan(5_000)
})

test('a busy process waits until it is idle', async () => {
  const shedLoad = createLoadShedding(() => true)
  work(50)
  const waited = await msOf(shedLoad(10_000))
  expect(waited).toBeGreaterThan(15)
  expect(waited).toBeLessThan(5_000)
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
