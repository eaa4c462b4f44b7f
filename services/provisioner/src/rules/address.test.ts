import { expect, test } from 'vitest'
import { panelServer } from '../../test/panel-server.ts'
import { addressOf } from './address.ts'

test.each([
  ['an IPv4', '203.0.113.1', null, '203.0.113.1:25566'],
  ['an IPv6, in brackets', '2001:db8::10', null, '[2001:db8::10]:25566'],
  ['an alias', '203.0.113.1', 'play.example.com', 'play.example.com:25566'],
  ['an alias that carries a port, as it is', '10.0.0.5', 'play.example.com:25577', 'play.example.com:25577'],
  ['an alias with blanks around it', '10.0.0.5', ' play.example.com ', 'play.example.com:25566'],
  ['an alias of blanks, as none', '203.0.113.1', ' ', '203.0.113.1:25566'],
  ['an alias that is an IPv6', '10.0.0.5', '2001:db8::10', '[2001:db8::10]:25566'],
  ['an alias that is an IPv6 in brackets', '10.0.0.5', '[2001:db8::10]', '[2001:db8::10]:25566'],
  ['an alias that is an IPv6 with its port', '10.0.0.5', '[2001:db8::10]:25577', '[2001:db8::10]:25577'],
  ['all addresses of its node', '0.0.0.0', null, 'fra-1.example.com:25566'],
  ['all IPv6 addresses of its node', '::', null, 'fra-1.example.com:25566'],
  ['all of them, written out', '0:0:0:0:0:0:0:0', null, 'fra-1.example.com:25566'],
  ['all addresses under an alias', '0.0.0.0', 'play.example.com', 'play.example.com:25566'],
])('the address of a server on %s', (_, ip, alias, address) => {
  expect(addressOf(at(ip, alias))).toBe(address)
})

test('a port on all addresses of a node that is not shown keeps its own', () => {
  const { relationships, ...server } = at('0.0.0.0', null)
  expect(addressOf({ ...server, relationships: { allocations: relationships?.allocations } })).toBe(
    '0.0.0.0:25566',
  )
})

test('an alias too long for consumers of our events gives way to the ip', () => {
  expect(addressOf(at('203.0.113.1', 'x'.repeat(185)))).toHaveLength(191)
  expect(addressOf(at('203.0.113.1', 'x'.repeat(186)))).toBe('203.0.113.1:25566')
})

test('a server whose port is not shown has no address', () => {
  expect(addressOf(panelServer({ relationships: { allocations: [] } }))).toBeNull()
})

function at(ip: string, alias: string | null) {
  return panelServer({
    allocation: 5,
    relationships: {
      allocations: [{ id: 5, ip, alias, port: 25566 }],
      node: { fqdn: 'fra-1.example.com' },
    },
  })
}
