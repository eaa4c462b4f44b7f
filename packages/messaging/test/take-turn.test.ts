import { eventually } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { takeTurn } from '../src/jobs/interval-lock.ts'
import { openLease } from '../src/jobs/lease.ts'
import { type Listener, openListener } from './listener.ts'

let listener: Listener

beforeAll(async () => {
  listener = await openListener()
})
afterAll(() => listener[Symbol.asyncDispose]())

const hour = 3_600_000

test('a turn keeps nobody from the lease of the same name', async () => {
  await takeTurn(listener.prisma, { name: 'reconcile', intervalMs: hour })
  expect(await openLease(listener.prisma, 'reconcile').hold()).toBe(true)
})

test('the turn comes once in each interval, to one of several', async () => {
  const turn = { name: 'sweep', intervalMs: 300 }
  const take = () => Promise.all([1, 2, 3].map(() => takeTurn(listener.prisma, turn)))
  expect(await take()).toEqual([false, false, false])
  const taken = await eventually(async () => {
    const turns = await take()
    expect(turns).toContain(true)
    return turns
  })
  expect(taken.filter(Boolean)).toHaveLength(1)
})
