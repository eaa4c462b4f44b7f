import { eventually, type Listener, openListener } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { holdInterval, openLease } from '../src/jobs/lease.ts'

let listener: Listener

beforeAll(async () => {
  listener = await openListener()
})
afterAll(() => listener[Symbol.asyncDispose]())

const hour = 3_600_000

test('an interval lock does not block the lease of the same name', async () => {
  await holdInterval(listener.prisma, { name: 'reconcile', intervalMs: hour })
  expect(await openLease(listener.prisma, 'reconcile').hold()).toBe(true)
})

test('the lock is held once per interval, by one of several', async () => {
  const lock = { name: 'sweep', intervalMs: 300 }
  const take = () => Promise.all([1, 2, 3].map(() => holdInterval(listener.prisma, lock)))
  expect(await take()).toEqual([false, false, false])
  const taken = await eventually(async () => {
    const held = await take()
    expect(held).toContain(true)
    return held
  })
  expect(taken.filter(Boolean)).toHaveLength(1)
})
