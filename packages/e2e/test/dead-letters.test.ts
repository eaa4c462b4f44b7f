import { serviceNames } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openShop, type Shop } from './shop.ts'

let shop: Shop

beforeAll(async () => {
  shop = await openShop()
}, 120_000)
afterAll(() => shop?.[Symbol.asyncDispose]())

test.each(serviceNames)('%s lists its dead letters and redrives them', async (name) => {
  const listed = await shop.send(name, 'GET', '/admin/dead-letters')
  expect(await listed.json()).toEqual({ data: [], has_more: false, next_cursor: null })
  const driven = await shop.send(name, 'POST', '/admin/dead-letters/redrive', { filter: {} })
  expect(await driven.json()).toEqual({ results: [], remaining: 0 })
  const health = await shop.send(name, 'GET', '/health')
  expect(await health.json()).toMatchObject({
    dead_letters_open: 0,
    events_parked: 0,
    removed: { outbox: 0, inbox: 0, dead_letters: 0 },
  })
})
