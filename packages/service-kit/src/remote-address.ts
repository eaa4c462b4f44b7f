import type { Context } from 'hono'
import { incomingOf } from './limits.ts'

/**
 * Who is at the other end of the connection; null where the app was called without a server. Whoever asks writes
 * `x-forwarded-for`, so it is not believed: behind a proxy this is the proxy.
 */
export function remoteAddressOf(c: Context): string | null {
  const address = incomingOf(c)?.socket.remoteAddress
  return address ? address.replace(/^::ffff:(?=\d+\.)/i, '').slice(0, 64) : null
}
