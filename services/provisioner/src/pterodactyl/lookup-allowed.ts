import { type LookupAddress, type LookupAllOptions, lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { type AddressPolicy, refuseAddress } from '../rules/address-policy.ts'

/** All addresses of a name. */
export type LookupAll = (
  hostname: string,
  options: LookupAllOptions,
  done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

export class AddressRefused extends Error {
  override name = 'AddressRefused'
}

/**
 * How a socket finds its address. It connects to what comes from here and to nothing else, so that a name which had a public address
 * when it was checked cannot lead elsewhere when it is called. An `AddressRefused` where the policy leaves no address.
 */
export function lookupAllowed({
  policy,
  protocol,
  lookup = systemLookup,
}: {
  policy: AddressPolicy
  protocol: string
  lookup?: LookupAll | undefined
}): LookupFunction {
  return (hostname, options, done) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, [])
      const allowed = found.filter(({ address }) => refuseAddress(policy, { protocol, address }) === null)
      const [first] = allowed
      if (!first) return done(refusal(hostname, found, { policy, protocol }), [])
      if (options.all) done(null, allowed)
      else done(null, first.address, first.family)
    })
}

function refusal(
  hostname: string,
  [first]: LookupAddress[],
  { policy, protocol }: { policy: AddressPolicy; protocol: string },
): Error {
  if (!first) return new Error(`${hostname} has no address`)
  const why = refuseAddress(policy, { protocol, address: first.address })
  return new AddressRefused(`The name ${hostname} leads to ${first.address}. ${why}`)
}
