import { type BlockList, isIP } from 'node:net'
import { contains, isLoopback, isMetadata, specialKind } from './special-addresses.ts'

/** Where a panel may be beside public addresses that are reached over https. */
export type AddressPolicy = { privateNetworks: BlockList; allowsPlainHttp: boolean }

/** The address that a URL has in place of a name; of `localhost` those of this machine. */
export function addressesIn({ hostname }: Pick<URL, 'hostname'>): string[] {
  const host = hostOf(hostname)
  if (isLocalhost(host)) return ['127.0.0.1', '::1']
  return isIP(host) === 0 ? [] : [host]
}

/** Why no call goes to this URL, as far as the URL itself tells; null where nothing is against it. */
export function refuseUrl(
  policy: AddressPolicy,
  { protocol, hostname }: Pick<URL, 'protocol' | 'hostname'>,
): string | null {
  const host = hostOf(hostname)
  if (isIP(host) !== 0) return refuseAddress(policy, { protocol, address: host })
  return protocol === 'http:' && !policy.allowsPlainHttp && !isLocalhost(host) ? plainHttp : null
}

function hostOf(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}

function isLocalhost(host: string): boolean {
  return /^(?:.+\.)?localhost\.?$/.test(host)
}

/** Why no connection is made to this address; null where nothing is against it. */
export function refuseAddress(
  { privateNetworks, allowsPlainHttp }: AddressPolicy,
  { protocol, address: found }: { protocol: string; address: string },
): string | null {
  // The interface of a link-local address is no part of it.
  const [address = ''] = found.split('%')
  if (protocol === 'http:' && !allowsPlainHttp && !isLoopback(address)) return plainHttp
  if (isMetadata(address))
    return `${address} is where clouds keep the credentials of their machines, and no panel.`
  const kind = specialKind(address)
  if (kind === null || contains(privateNetworks, address)) return null
  return `${address} is ${kind}. If the panel is there, add ${address} to PANEL_PRIVATE_NETWORKS of the provisioner.`
}

const plainHttp =
  "http is not encrypted: who is on the way reads the panel's key. Use https; if that cannot be, set PANEL_PLAIN_HTTP=allow for the provisioner."
