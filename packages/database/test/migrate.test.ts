import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestDatabase, testDatabase } from '@spawnpoint/stack'
import type { Connection } from 'mariadb'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrate } from '../src/migrate.ts'
import { openConnection } from '../src/open-connection.ts'

let database: TestDatabase
let connection: Connection
let directory: string

beforeEach(async () => {
  database = await testDatabase()
  connection = await openConnection(database.url)
  directory = mkdtempSync(join(tmpdir(), 'spawnpoint-migrations-'))
})

afterEach(async () => {
  await connection.end()
  await database[Symbol.asyncDispose]()
  rmSync(directory, { recursive: true, force: true })
})

describe('migrate', () => {
  test('applies the migrations in the order of their timestamps, once', async () => {
    write(
      '20260102000000_second',
      'ALTER TABLE fruit ADD colour VARCHAR(20); INSERT INTO fruit VALUES (1, "red");',
    )
    write('20260101000000_first', 'CREATE TABLE fruit (id INT PRIMARY KEY);')

    expect(await run()).toEqual(['20260101000000_first', '20260102000000_second'])
    expect(await run()).toEqual([])
    expect(await connection.query('SELECT id, colour FROM fruit')).toEqual([{ id: 1, colour: 'red' }])
  })

  test('books a migration as prisma migrate deploy does', async () => {
    write('20260101000000_first', 'CREATE TABLE fruit (id INT PRIMARY KEY);\n')
    await run()

    expect(await booked()).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/),
        // printf 'CREATE TABLE fruit (id INT PRIMARY KEY);\n' | sha256sum
        checksum: '9c5f05cb09964053bd6e33d97a5effa084acd2319f3b8cea7b1e28e7a3f7f166',
        finished_at: expect.any(Date),
        migration_name: '20260101000000_first',
        logs: null,
        rolled_back_at: null,
        started_at: expect.any(Date),
        applied_steps_count: 1,
      },
    ])
  })

  test('a failed migration is kept with its error, and refused until somebody has undone it', async () => {
    write('20260101000000_first', 'CREATE TABLE fruit (id INT PRIMARY KEY); CREATE TABEL typo (id INT);')

    await expect(run()).rejects.toThrow('Migration 20260101000000_first failed')
    expect(await booked()).toMatchObject([
      { finished_at: null, logs: expect.stringContaining('TABEL'), applied_steps_count: 0 },
    ])

    write('20260101000000_first', 'CREATE TABLE fruit (id INT PRIMARY KEY);')
    const refusal = await run().catch((error: Error) => error.message)
    expect(refusal).toContain('CREATE TABEL typo')
    const [, advice = ''] = /^ {2}(UPDATE .*);$/m.exec(String(refusal)) ?? []

    await connection.query('DROP TABLE fruit')
    await connection.query(advice)
    expect(await run()).toEqual(['20260101000000_first'])
  })

  test('a migration that was changed after it was applied is refused', async () => {
    write('20260101000000_first', 'CREATE TABLE fruit (id INT PRIMARY KEY);')
    await run()
    write('20260101000000_first', 'CREATE TABLE fruit (id BIGINT PRIMARY KEY);')

    await expect(run()).rejects.toThrow('Migration 20260101000000_first was changed after it was applied')
  })

  test('line endings that a Windows checkout changes are no change', async () => {
    write('20260101000000_first', 'CREATE TABLE fruit (\n  id INT PRIMARY KEY\n);\n')
    await run()
    write('20260101000000_first', 'CREATE TABLE fruit (\r\n  id INT PRIMARY KEY\r\n);\r\n')

    expect(await run()).toEqual([])
  })

  test('a migration of a newer version is left alone and mentioned', async () => {
    write('20260101000000_first', 'CREATE TABLE fruit (id INT PRIMARY KEY);')
    await run()
    rmSync(join(directory, '20260101000000_first'), { recursive: true })
    const lines: string[] = []

    await migrate({ url: database.url, directory, log: (line) => lines.push(line) })
    expect(lines).toEqual([
      expect.stringContaining('20260101000000_first is in the database but not in this version'),
    ])
  })

  test('two processes that migrate at once apply each migration once', async () => {
    write('20260101000000_first', 'CREATE TABLE fruit (id INT PRIMARY KEY);')
    write('20260102000000_second', 'CREATE TABLE tree (id INT PRIMARY KEY);')

    const runs = await Promise.all([run(), run(), run(), run()])
    expect(runs.flat().sort()).toEqual(['20260101000000_first', '20260102000000_second'])
  })

  test('a lock that is never given back ends in an error that says who has it', async () => {
    write('20260101000000_first', 'CREATE TABLE fruit (id INT PRIMARY KEY);')
    await connection.query("SELECT GET_LOCK('prisma_migrate', 10)")

    await expect(migrate({ url: database.url, directory, lockTimeoutMs: 1_000 })).rejects.toThrow(
      'IS_USED_LOCK',
    )
  })
})

async function run(): Promise<string[]> {
  const { applied } = await migrate({ url: database.url, directory })
  return applied
}

function write(name: string, sql: string): void {
  mkdirSync(join(directory, name), { recursive: true })
  writeFileSync(join(directory, name, 'migration.sql'), sql)
}

async function booked(): Promise<Record<string, unknown>[]> {
  return await connection.query('SELECT * FROM _prisma_migrations')
}
