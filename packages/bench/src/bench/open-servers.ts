import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  findMysqlBinary,
  findNatsBinary,
  type Mysql,
  type Nats,
  type Owned,
  openMysql,
  openNats,
  type PrivateMysql,
  startPrivateMysql,
  startPrivateNats,
} from '@spawnpoint/stack'

export type ServerChoice = {
  /** Servers that are there already. */
  mysqlUrl: string | null
  natsUrl: string | null
  /** Other binaries than this machine's. */
  mysqlServer: string | null
  natsServer: string | null
}

export type Servers = {
  /** Fresh, and deleted at the end. */
  dataDir: string
  mysql: Mysql
  /** Null when it was given. */
  ownMysql: PrivateMysql | null
  nats: Nats
}

/** As a seller with many orders would set it; what it has by default is for a database that is hardly used. */
export const mysqlMemoryMb = 1_024

/** MySQL, with durable commits, and NATS: the given ones, else private ones with fresh data. */
export async function openServers(choice: ServerChoice, started: Owned): Promise<Servers> {
  const { path: dataDir } = started.own(openDirectory())
  const ownMysql = choice.mysqlUrl === null ? started.own(await startMysql(choice, dataDir)) : null
  const mysql = ownMysql ?? (await openMysql({ dataDir, url: choice.mysqlUrl ?? undefined }))
  const nats = started.own(await openJetStream(choice, dataDir))
  return { dataDir, mysql, ownMysql, nats }
}

function openDirectory(): Disposable & { path: string } {
  const path = mkdtempSync(join(tmpdir(), 'spawnpoint-bench-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) }
}

function startMysql({ mysqlServer }: ServerChoice, dataDir: string): Promise<PrivateMysql> {
  const binary = mysqlServer ?? findMysqlBinary()
  if (!binary) throw new Error('No MariaDB or MySQL on this machine: install one, or give --mysql-url')
  return startPrivateMysql({ binary, dataDir: join(dataDir, 'mysql'), memoryMb: mysqlMemoryMb })
}

function openJetStream({ natsUrl, natsServer }: ServerChoice, dataDir: string): Promise<Nats> {
  if (natsUrl !== null) return openNats({ dataDir, url: natsUrl })
  const binary = natsServer ?? findNatsBinary()
  if (!binary) throw new Error('nats-server is not on this machine: install it, or give --nats-url')
  return startPrivateNats({ binary, dataDir: join(dataDir, 'nats') })
}
