import { expect, test } from 'vitest'
import { panelServer } from '../../test/panel-server.ts'
import { addressOf, allocation, type PanelServer, page } from './resources.ts'

test('the address of a server is the alias of its port, or its ip where the alias is too long', () => {
  expect(addressOf(at('play.example.com'))).toBe('play.example.com:25565')
  expect(addressOf(at(null))).toBe('203.0.113.1:25565')
  expect(addressOf(at('x'.repeat(185)))).toHaveLength(191)
  expect(addressOf(at('x'.repeat(186)))).toBe('203.0.113.1:25565')
})

test('a billion pages are not asked for', () => {
  const port = { attributes: { id: 5, ip: '203.0.113.1', alias: null, port: 25565 } }
  const pageOf = (total_pages: number) => ({ data: [port], meta: { pagination: { total_pages } } })
  expect(page(allocation).safeParse(pageOf(1_000)).data).toMatchObject({ items: [{ id: 5 }], pages: 1_000 })
  expect(page(allocation).safeParse(pageOf(1_000_000_000)).success).toBe(false)
})

function at(alias: string | null): PanelServer {
  return panelServer({
    allocation: 5,
    relationships: { allocations: [{ id: 5, ip: '203.0.113.1', alias, port: 25565 }] },
  })
}
