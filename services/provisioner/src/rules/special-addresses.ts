import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

/** IPv6 addresses that name one of IPv4, and are judged by it: mapped, and translated (NAT64, RFC 6052). */
const embedding = ['::ffff:', '64:ff9b::']

/** What is not public, by IANA's registries of special-purpose addresses (RFC 6890 and later), and multicast. */
const kinds = (
  [
    ['this machine itself', '0.0.0.0/8 127.0.0.0/8 ::/128 ::1/128'],
    ['in a private network', '10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10'],
    ['in the network of a provider or a VPN (100.64.0.0/10)', '100.64.0.0/10'],
    ['a link-local address', '169.254.0.0/16 fe80::/10'],
    [
      'reserved, and no public address',
      '192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4 ' +
        '2001::/23 2001:db8::/32 2002::/16 3fff::/20',
    ],
  ] as const
).map(([kind, ranges]) => ({ kind, list: listOf(ranges) }))

const loopback = listOf('127.0.0.0/8 ::1/128')

/** Where clouds give a machine its own credentials: AWS, Azure, Google, Alibaba, Oracle. */
const metadata = listOf(
  '169.254.169.254 169.254.170.2 169.254.170.23 168.63.129.16 100.100.100.200 192.0.0.192 ' +
    'fd00:ec2::254 fd00:ec2::23 fd20:ce::254',
)

/** What IANA gives out, and what names an IPv4 address. */
const routable = listOf('0.0.0.0/0 2000::/3')

/** What an address is that is not public; null where it is. */
export function specialKind(address: string): string | null {
  const known = kinds.find(({ list }) => contains(list, address))
  return known?.kind ?? (contains(routable, address) ? null : 'reserved, and no public address')
}

export function isLoopback(address: string): boolean {
  return contains(loopback, address)
}

export function isMetadata(address: string): boolean {
  return contains(metadata, address)
}

export function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4')
}

/** `10.0.0.5 10.8.0.0/16 fd00::/8`, between blanks or commas; what is none of them is an Error. */
export function listOf(text: string): BlockList {
  const list = new BlockList()
  for (const entry of text.split(/[\s,]+/)) {
    if (entry === '') continue
    const [net, bits] = readNetwork(entry)
    list.addSubnet(net, bits, isIPv6(net) ? 'ipv6' : 'ipv4')
    if (isIPv4(net)) for (const prefix of embedding) list.addSubnet(`${prefix}${net}`, 96 + bits, 'ipv6')
  }
  return list
}

function readNetwork(entry: string): [net: string, bits: number] {
  const [net = '', bits] = entry.split(/\/(.*)/s)
  const most = isIPv6(net) ? 128 : 32
  const length = bits === undefined ? most : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
  if (isIP(net) === 0 || net.includes('%') || !(length <= most))
    throw new Error(`${entry} is no address or network, such as 10.0.0.5 or 10.8.0.0/16`)
  return [net, length]
}
