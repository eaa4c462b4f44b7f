import { isNatsUser } from '@spawnpoint/contracts'
import { readServerUrl } from '@spawnpoint/database'
import type { ConnectionOptions } from 'nats'

/**
 * `nats://user:password@one:4222,nats://two:4222` as the client's options. One name alone is a token; `tls://` asks for
 * TLS, with `?ca=`, `?cert=` and `?key=` as paths of the authority's certificate and of a client's own. A user of ours receives answers below a subject of its own, which no other may read. The URL is in no message: it carries
 * the password.
 */
export function natsOptions(
  url: string,
): Pick<ConnectionOptions, 'user' | 'pass' | 'token' | 'tls' | 'inboxPrefix'> & { servers: string[] } {
  const servers = url.split(',').map((server) => parse(server.trim()))
  const signedIn = servers.find(({ username }) => username !== '')
  return {
    servers: servers.map(({ host }) => host),
    ...tlsOf(servers),
    ...(signedIn ? credentials(signedIn) : {}),
  }
}

function parse(server: string): URL {
  return readServerUrl(server.includes('://') ? server : `nats://${server}`, {
    name: 'NATS_URL',
    protocols: ['nats:', 'tls:'],
    parameters: ['ca', 'cert', 'key'],
    example: 'nats://user:password@host:4222, several with commas',
  })
}

function tlsOf(servers: URL[]): Pick<ConnectionOptions, 'tls'> {
  const parameters = Object.assign({}, ...servers.map(({ searchParams }) => Object.fromEntries(searchParams)))
  const { ca, cert, key } = parameters as { ca?: string; cert?: string; key?: string }
  const isTls = servers.some(({ protocol }) => protocol === 'tls:')
  if (!isTls && (ca || cert || key)) throw new Error('NATS_URL has ca, cert or key, which only tls:// uses')
  if (!isTls) return {}
  if (Boolean(cert) !== Boolean(key))
    throw new Error('NATS_URL has one of cert and key: a client needs both or neither')
  return { tls: { ...(ca ? { caFile: ca } : {}), ...(cert && key ? { certFile: cert, keyFile: key } : {}) } }
}

function credentials({ username, password }: URL) {
  const user = decodeURIComponent(username)
  if (password === '') return { token: user }
  const inbox = isNatsUser(user) ? { inboxPrefix: `_INBOX_${user}` } : {}
  return { user, pass: decodeURIComponent(password), ...inbox }
}
