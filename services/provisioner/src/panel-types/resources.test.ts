import { expect, test } from 'vitest'
import { panelServer } from '../../test/panel-server.ts'
import { addressOf, type PanelServer } from './resources.ts'

test('the address of a server is the alias of its port, or its ip where the alias is too long', () => {
  expect(addressOf(at('play.example.com'))).toBe('play.example.com:25565')
  expect(addressOf(at(null))).toBe('203.0.113.1:25565')
  expect(addressOf(at('x'.repeat(185)))).toHaveLength(191)
  expect(addressOf(at('x'.repeat(186)))).toBe('203.0.113.1:25565')
})

function at(alias: string | null): PanelServer {
  return panelServer({
    allocation: 5,
    relationships: { allocations: [{ id: 5, ip: '203.0.113.1', alias, port: 25565 }] },
  })
}
