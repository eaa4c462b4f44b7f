import { readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { readServerUrl } from './read-server-url.ts'

export type MysqlOptions = {
  host: string
  port: number
  socketPath?: string
  user: string
  password: string
  database?: string
  allowPublicKeyRetrieval?: true
  ssl?: MysqlTls
}

type MysqlTls = {
  rejectUnauthorized: boolean
  ca?: string
  host?: string
  servername?: string
  checkServerIdentity?: () => undefined
}

/** In MySQL's words, and in Prisma's. */
const modes = ['DISABLED', 'REQUIRED', 'VERIFY_CA', 'VERIFY_IDENTITY'] as const
const accepts = { strict: 'VERIFY_IDENTITY', accept_invalid_certs: 'REQUIRED' } as const

/**
 * `mysql://user:password@host:port/database` as the mariadb driver's options. Parameters: `ssl-mode` (`DISABLED`, `REQUIRED`: encrypted,
 * whoever answers; `VERIFY_CA`, `VERIFY_IDENTITY`) or Prisma's `sslaccept` (`strict`, `accept_invalid_certs`); `ssl-ca` or Prisma's
 * `sslcert`, the path of the certificate authority's certificate; `socket=/run/mysqld/mysqld.sock`; `allowPublicKeyRetrieval=true`.
 * Throws an error that names the part that is wrong and never repeats the password.
 */
export function mysqlOptions(url: string): MysqlOptions {
  const parsed = readServerUrl(url, {
    name: 'The database URL',
    protocols: ['mysql:', 'mariadb:'],
    parameters: ['ssl-mode', 'ssl-ca', 'socket', 'allowPublicKeyRetrieval', 'sslaccept', 'sslcert'],
    example: 'mysql://user:password@host:3306/database',
  })
  const { searchParams } = parsed
  const database = decodeURIComponent(parsed.pathname.slice(1))
  const host = parsed.hostname.replace(/^\[|\]$/g, '')
  const ssl = tlsOptions(searchParams, host)
  const socketPath = searchParams.get('socket')
  return {
    host,
    port: Number(parsed.port || 3306),
    ...(socketPath ? { socketPath } : {}),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    ...(database ? { database } : {}),
    ...(mayAskForKey(searchParams) ? { allowPublicKeyRetrieval: true } : {}),
    ...(ssl ? { ssl } : {}),
  }
}

function tlsOptions(parameters: URLSearchParams, host: string): MysqlTls | undefined {
  const mode = tlsMode(parameters)
  const caFile = oneOf(parameters, 'ssl-ca', 'sslcert')
  if (caFile !== null && (mode === 'DISABLED' || mode === 'REQUIRED'))
    throw new Error(
      'The database URL has ssl-ca, which only ssl-mode=VERIFY_CA and ssl-mode=VERIFY_IDENTITY compare the server with',
    )
  if (mode === 'DISABLED') return undefined
  if (mode === 'REQUIRED') return { rejectUnauthorized: false }
  return {
    rejectUnauthorized: true,
    ...(caFile === null ? {} : { ca: readCa(caFile) }),
    // The driver hands Node an open socket, of which it would not know whom it was opened to.
    ...(isIP(host) ? { host } : { host, servername: host }),
    ...(mode === 'VERIFY_CA' ? { checkServerIdentity: () => undefined } : {}),
  }
}

function tlsMode(parameters: URLSearchParams): (typeof modes)[number] {
  const accept = parameters.get('sslaccept')
  const mode = parameters.get('ssl-mode')?.toUpperCase() ?? null
  oneOf(parameters, 'ssl-mode', 'sslaccept')
  if (accept !== null) {
    if (accept === 'strict' || accept === 'accept_invalid_certs') return accepts[accept]
    throw new Error(`The database URL has sslaccept=${accept}: it may be strict or accept_invalid_certs`)
  }
  const known = modes.find((one) => one === (mode ?? 'DISABLED'))
  if (known) return known
  const hint = mode === 'PREFERRED' ? ', for nobody would notice that PREFERRED was not met' : ''
  throw new Error(`The database URL has ssl-mode=${mode}: it may be ${modes.join(', ')}${hint}`)
}

function oneOf(parameters: URLSearchParams, name: string, alias: string): string | null {
  if (parameters.has(name) && parameters.has(alias))
    throw new Error(`The database URL has both ${name} and ${alias}: leave one out`)
  return parameters.get(name) ?? parameters.get(alias)
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new Error(`The database URL has ssl-ca=${path}, which cannot be read`, { cause })
  }
}

function mayAskForKey(parameters: URLSearchParams): boolean {
  const value = parameters.get('allowPublicKeyRetrieval')
  if (value === null || value === 'false') return false
  if (value === 'true') return true
  throw new Error(`The database URL has allowPublicKeyRetrieval=${value}: it may be true or false`)
}
