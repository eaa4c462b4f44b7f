import { expect, test } from 'vitest'
import { refuseAddress, refuseUrl } from './address-policy.ts'
import { listOf } from './special-addresses.ts'

const strict = { privateNetworks: listOf(''), allowsPlainHttp: false }

test.each([
  ['https://panel.example.com'],
  ['https://panel.example.com:8443/panel'],
  ['https://8.8.8.8'],
  ['https://[2a01:4f8::1]'],
  ['https://[::ffff:8.8.8.8]'],
  // Through NAT64, how an IPv6-only machine reaches IPv4.
  ['https://[64:ff9b::8.8.8.8]'],
  ['https://172.15.0.1'],
  ['https://172.32.0.1'],
  ['https://localhost'],
  ['http://localhost:8000'],
])('%s may be a panel', (url) => expect(refuseUrl(strict, new URL(url))).toBeNull())

test.each([
  ['127.0.0.1', 'this machine'],
  ['127.1', 'this machine'],
  ['2130706433', 'this machine'],
  ['0x7f.0.0.1', 'this machine'],
  ['0177.0.0.1', 'this machine'],
  ['0.0.0.0', 'this machine'],
  ['0', 'this machine'],
  ['[::]', 'this machine'],
  ['[::1]', 'this machine'],
  ['[::ffff:127.0.0.1]', 'this machine'],
  ['[::ffff:7f00:1]', 'this machine'],
  ['[64:ff9b::7f00:1]', 'this machine'],
  ['10.0.0.5', 'private network'],
  ['172.16.0.1', 'private network'],
  ['172.31.255.255', 'private network'],
  ['192.168.178.1', 'private network'],
  ['[::ffff:192.168.178.1]', 'private network'],
  ['[64:ff9b::a00:5]', 'private network'],
  ['[fd12:3456::1]', 'private network'],
  ['[fec0::1]', 'private network'],
  ['100.64.0.1', 'VPN'],
  ['169.254.1.1', 'link-local'],
  ['[fe80::1]', 'link-local'],
  ['[::7f00:1]', 'reserved'],
  ['[64:ff9b:1::7f00:1]', 'reserved'],
  ['[2002:7f00:1::]', 'reserved'],
  ['[2001:0:1::1]', 'reserved'],
  ['[2001:db8::1]', 'reserved'],
  ['[4000::1]', 'reserved'],
  ['[ff02::1]', 'reserved'],
  ['198.18.0.1', 'reserved'],
  ['224.0.0.1', 'reserved'],
  ['255.255.255.255', 'reserved'],
])('%s is refused as %s, with the setting that allows it', (host, kind) => {
  const refused = refuseUrl(strict, new URL(`https://${host}`))
  expect(refused).toContain(kind)
  const [, setting = ''] = /add (\S+) to PANEL_PRIVATE_NETWORKS/.exec(refused ?? '') ?? []
  const relaxed = { ...strict, privateNetworks: listOf(setting) }
  expect(refuseUrl(relaxed, new URL(`https://${host}`))).toBeNull()
})

test.each([
  '169.254.169.254',
  '[::ffff:a9fe:a9fe]',
  '[64:ff9b::a9fe:a9fe]',
  '[fd00:ec2::254]',
  '100.100.100.200',
])('the metadata service %s is refused, whatever is allowed', (host) => {
  const open = { privateNetworks: listOf('0.0.0.0/0,::/0'), allowsPlainHttp: true }
  for (const protocol of ['http', 'https'])
    expect(refuseUrl(open, new URL(`${protocol}://${host}`))).toContain('credentials')
})

test('what is allowed is allowed in its networks alone, also as an address of IPv6 that names it', () => {
  const some = { ...strict, privateNetworks: listOf(' 10.8.0.0/16, 192.168.1.7,fd00:1::/32') }
  const isAllowed = (address: string) => refuseAddress(some, { protocol: 'https:', address }) === null
  expect(
    ['10.8.255.1', '192.168.1.7', 'fd00:1::9', '::ffff:10.8.0.1', '64:ff9b::10.8.0.1'].filter(isAllowed),
  ).toHaveLength(5)
  expect(['10.9.0.1', '192.168.1.8', 'fd00:2::9', '::ffff:10.9.0.1', '127.0.0.1'].filter(isAllowed)).toEqual(
    [],
  )
})

test('an interface in an address changes nothing', () => {
  expect(refuseAddress(strict, { protocol: 'https:', address: 'fe80::1%eth0' })).toContain('link-local')
})

test.each(['http://panel.example.com', 'http://8.8.8.8', 'http://localhost.example.com', 'http://10.0.0.5'])(
  '%s is refused until plain http is allowed',
  (url) => {
    expect(refuseUrl(strict, new URL(url))).toContain('PANEL_PLAIN_HTTP=allow')
    const plain = { privateNetworks: listOf('10.0.0.5'), allowsPlainHttp: true }
    expect(refuseUrl(plain, new URL(url))).toBeNull()
  },
)

test('plain http to a name of this machine goes nowhere else', () => {
  const address = '8.8.8.8'
  expect(refuseAddress(strict, { protocol: 'http:', address })).toContain('PANEL_PLAIN_HTTP')
  expect(refuseAddress(strict, { protocol: 'https:', address })).toBeNull()
})

test.each(['10.0.0', '10.0.0.0/33', '10.0.0.0/', '10.0.0.0/x', 'panel.lan', 'fd00::/129', 'fe80::1%eth0'])(
  '%s is no network',
  (entry) => expect(() => listOf(`10.0.0.1,${entry}`)).toThrow('is no address or network'),
)
