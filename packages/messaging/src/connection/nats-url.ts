import { isNatsUser } from '@spawnpoint/contracts'
import type { ConnectionOptions } from 'nats'

/**
 * `nats://user:password@one:4222,nats://two:4222` as the client's options. One name alone is a token; `tls://` asks for
 * TLS. A user of ours receives answers below a subject of its own, which no other may read. The URL is in no message: it carries
 * the password.
 */
export function natsOptions(
  url: string,
): Pick<ConnectionOptions, 'user' | 'pass' | 'token' | 'tls' | 'inboxPrefix'> & { servers: string[] } {
  const servers = url.split(',').map((server) => parse(server.trim()))
  const signedIn = servers.find(({ username }) => username !== '')
  return {
    servers: servers.map(({ host }) => host),
    ...(servers.some(({ protocol }) => protocol === 'tls:') ? { tls: {} } : {}),
    ...(signedIn ? credentials(signedIn) : {}),
  }
}

function parse(server: string): URL {
  const text = server.includes('://') ? server : `nats://${server}`
  if (URL.canParse(text)) return new URL(text)
  throw new Error('NATS_URL is not a URL: nats://user:password@host:4222, several with commas')
}

function credentials({ username, password }: URL) {
  const user = decodeURIComponent(username)
  if (password === '') return { token: user }
  const inbox = isNatsUser(user) ? { inboxPrefix: `_INBOX_${user}` } : {}
  return { user, pass: decodeURIComponent(password), ...inbox }
}
