import { join } from 'node:path'
import { mysqlOptions, openConnection } from '@spawnpoint/database'
import { isLoopback, onLoopback } from './databases.ts'
import { dockerAnswers, startContainer } from './docker.ts'
import { eventually } from './eventually.ts'
import { findBinary } from './find-binary.ts'
import { canInstallPackages, installPackages } from './install-packages.ts'
import { keptSecret } from './kept-secret.ts'
import { mysqlFlavor } from './mysql-flavor.ts'
import { startPrivateMysql } from './private-mysql.ts'

export type Mysql = AsyncDisposable & {
  /** A user who may create databases and users. */
  adminUrl: string
  /** `MariaDB 10.11.19 (private, 127.0.0.1:21237)` */
  description: string
  /** `MariaDB 10.11.19` */
  version: string
  /** Started, and to be stopped, by us. */
  owned: boolean
}

export type OpenMysqlOptions = {
  dataDir: string
  /** A server that is there already: used, never started or stopped. */
  url?: string | undefined
  durable?: boolean
  log?: (line: string) => void
}

/** The server that was given, else one of our own: from this machine's binaries, from Docker, from the distribution's packages. */
export async function openMysql({
  dataDir,
  url,
  durable = true,
  log = () => {},
}: OpenMysqlOptions): Promise<Mysql> {
  if (url) return useGiven(url)
  const binary = findMysqlBinary()
  if (binary) return startPrivateMysql({ binary, dataDir, durable })
  if (await dockerAnswers()) return startInDocker(dataDir)
  if (canInstallPackages()) await installPackages(['mysql'], log)
  const installed = findMysqlBinary()
  if (installed) return startPrivateMysql({ binary: installed, dataDir, durable })
  throw new Error(
    'No MySQL or MariaDB here. Install one (apt install mariadb-server, brew install mariadb), start Docker, or give MYSQL_URL=mysql://root:…@host:3306',
  )
}

export function findMysqlBinary(): string | undefined {
  return findBinary(['mariadbd', 'mysqld'])
}

async function useGiven(url: string): Promise<Mysql> {
  const { host, port } = mysqlOptions(url)
  const adminUrl = isLoopback(host) && !url.includes('?') ? `${url}${onLoopback}` : url
  const version = await serverVersion(adminUrl).catch((cause: unknown) => {
    throw new Error(`MYSQL_URL was given, but ${host}:${port} cannot be used`, { cause })
  })
  const description = `${version} (given, ${host}:${port})`
  return { adminUrl, description, version, owned: false, [Symbol.asyncDispose]: async () => {} }
}

async function startInDocker(dataDir: string): Promise<Mysql> {
  const password = keptSecret(join(dataDir, 'docker-password'))
  const container = await startContainer('mysql', 3306, { MYSQL_ROOT_PASSWORD: password })
  const adminUrl = `mysql://root:${password}@127.0.0.1:${container.port}/${onLoopback}`
  const version = await eventually(() => serverVersion(adminUrl), { timeoutMs: 90_000, everyMs: 200 })
  const description = `${version} (Docker, 127.0.0.1:${container.port})`
  return {
    adminUrl,
    description,
    version,
    owned: true,
    [Symbol.asyncDispose]: () => container[Symbol.asyncDispose](),
  }
}

async function serverVersion(url: string): Promise<string> {
  const connection = await openConnection(url, { connectTimeout: 5_000 })
  try {
    const rows: { version: string }[] = await connection.query('SELECT VERSION() AS version')
    const { product, version } = mysqlFlavor(rows[0]?.version ?? '')
    return `${product} ${version}`
  } finally {
    await connection.end()
  }
}
