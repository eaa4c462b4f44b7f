import { IncomingMessage } from 'node:http'
import type { Context } from 'hono'

/** The request as Node has it; null where the app was called without a server. */
export function incomingOf({ env }: Context): IncomingMessage | null {
  const incoming = env && 'incoming' in env ? env.incoming : null
  return incoming instanceof IncomingMessage ? incoming : null
}
