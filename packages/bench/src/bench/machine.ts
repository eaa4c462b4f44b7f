import { execFileSync } from 'node:child_process'
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { availableParallelism, cpus, release, tmpdir, totalmem, type } from 'node:os'
import { join } from 'node:path'
import { findMysqlBinary, findNatsBinary } from '@spawnpoint/stack'
import { mysqlMemoryMb, type ServerChoice } from './open-servers.ts'
import { median } from './samples.ts'

export type Machine = ReturnType<typeof describeMachine>

/** What the figures were measured on, without which they mean nothing. */
export function describeMachine({ mysqlUrl, natsUrl, mysqlServer, natsServer }: ServerChoice) {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memory_gb: Math.round(totalmem() / 1024 ** 3),
    system: `${type()} ${release()}`,
    node: process.versions.node,
    mysql: mysqlUrl === null ? versionOf(mysqlServer ?? findMysqlBinary()) : 'given',
    mysql_memory_mb: mysqlUrl === null ? mysqlMemoryMb : null,
    nats: natsUrl === null ? versionOf(natsServer ?? findNatsBinary()) : 'given',
    /** What every durable commit waits for. */
    sync_ms: medianSyncMs(),
  }
}

function versionOf(binary: string | undefined): string {
  if (!binary) return 'none'
  return execFileSync(binary, ['--version'], { encoding: 'utf8' }).trim()
}

function medianSyncMs(): number {
  const directory = mkdtempSync(join(tmpdir(), 'spawnpoint-sync-'))
  const file = openSync(join(directory, 'log'), 'w')
  try {
    return median(Array.from({ length: 100 }, () => syncMs(file)))
  } finally {
    closeSync(file)
    rmSync(directory, { recursive: true })
  }
}

function syncMs(file: number): number {
  const begun = performance.now()
  writeSync(file, Buffer.alloc(4_096))
  fdatasyncSync(file)
  return performance.now() - begun
}
