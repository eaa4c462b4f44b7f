import { createSend } from '../src/pterodactyl/send.ts'
import { listOf } from '../src/rules/special-addresses.ts'

/** To simulators, which are on this machine. */
export const send = createSend({
  addresses: { privateNetworks: listOf('127.0.0.1'), allowsPlainHttp: false },
})
