import { isIPv6 } from 'node:net'
import type { PanelPort, PanelServer } from '../panel-types/resources.ts'

/** The longest address that consumers of our events store. */
const longestAddress = 191

/** A server, as far as its address goes. */
export type Placed = Pick<PanelServer, 'allocation' | 'relationships'>

/** What players connect to, such as `play.example.com:25565` or `[2001:db8::10]:25566`; null where its port is not shown. */
export function addressOf({ allocation, relationships }: Placed): string | null {
  const own = ownPort({ allocation, relationships })
  if (!own) return null
  const named = withPort(own.alias?.trim() || hostOf(own, relationships?.node?.fqdn), own.port)
  return named.length <= longestAddress ? named : withPort(own.ip, own.port)
}

/** Whether its address is the name of its node. */
export function isNamedByNode(server: Placed): boolean {
  const own = ownPort(server)
  return own !== undefined && !own.alias?.trim() && isWildcard(own.ip)
}

function ownPort({ allocation, relationships }: Placed): PanelPort | undefined {
  return relationships?.allocations?.find(({ id }) => id === allocation)
}

// A port on all addresses of its node has none of its own: the node's name leads there.
function hostOf({ ip }: PanelPort, fqdn: string | undefined): string {
  return isWildcard(ip) ? fqdn || ip : ip
}

function isWildcard(ip: string): boolean {
  return ip === '0.0.0.0' || (isIPv6(ip) && /^[0:]+$/.test(ip))
}

/** The panel's aliases are free text; some carry the port that a proxy in front listens on (pterodactyl/panel#4237). */
function withPort(host: string, port: number): string {
  if (isIPv6(host)) return `[${host}]:${port}`
  return /^(\[.+\]|[^:]+):\d{1,5}$/.test(host) ? host : `${host}:${port}`
}
