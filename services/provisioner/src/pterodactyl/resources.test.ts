import { expect, test } from 'vitest'
import { allocation, page } from './resources.ts'

test('a billion pages are not asked for', () => {
  const port = { attributes: { id: 5, ip: '203.0.113.1', alias: null, port: 25565 } }
  const pageOf = (total_pages: number) => ({ data: [port], meta: { pagination: { total_pages } } })
  expect(page(allocation).safeParse(pageOf(1_000)).data).toMatchObject({ items: [{ id: 5 }], pages: 1_000 })
  expect(page(allocation).safeParse(pageOf(1_000_000_000)).success).toBe(false)
})
