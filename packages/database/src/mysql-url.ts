export type MysqlOptions = {
  host: string
  port: number
  socketPath?: string
  user: string
  password: string
  database?: string
  allowPublicKeyRetrieval: true
  ssl?: { rejectUnauthorized: boolean }
}

/**
 * `mysql://user:password@host:port/database` as the mariadb driver's options. TLS and a server's socket on the same machine are
 * asked for in Prisma's words: `?sslaccept=strict` or `?sslaccept=accept_invalid_certs`, `?socket=/run/mysqld/mysqld.sock`.
 */
export function mysqlOptions(url: string): MysqlOptions {
  const parsed = parse(url)
  const database = decodeURIComponent(parsed.pathname.slice(1))
  const ssl = sslOptions(parsed.searchParams.get('sslaccept'))
  const socketPath = parsed.searchParams.get('socket')
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: Number(parsed.port || 3306),
    ...(socketPath ? { socketPath } : {}),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    ...(database ? { database } : {}),
    // MySQL 8 and newer refuse a password over plain TCP until the client may ask for the server's public key.
    allowPublicKeyRetrieval: true,
    ...(ssl ? { ssl } : {}),
  }
}

// The URL is left out of every message: it carries the password.
function parse(url: string): URL {
  if (!URL.canParse(url))
    throw new Error('The database URL is not a URL: mysql://user:password@host:3306/database')
  const parsed = new URL(url)
  if (parsed.protocol !== 'mysql:' && parsed.protocol !== 'mariadb:') {
    throw new Error(`The database URL begins with ${parsed.protocol}// instead of mysql://`)
  }
  return parsed
}

function sslOptions(accept: string | null): { rejectUnauthorized: boolean } | undefined {
  if (accept === null) return undefined
  if (accept === 'strict') return { rejectUnauthorized: true }
  if (accept === 'accept_invalid_certs') return { rejectUnauthorized: false }
  throw new Error(`sslaccept is ${accept}: it may be strict or accept_invalid_certs`)
}
