import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findMysqlBinary, type PrivateMysql, startPrivateMysql } from '@spawnpoint/stack'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { adapter } from '../src/adapter.ts'
import { mysqlOptions } from '../src/mysql-url.ts'
import { openPool } from '../src/pool.ts'

let mysql: PrivateMysql
const dataDir = mkdtempSync(join(tmpdir(), 'session-'))

beforeAll(async () => {
  const binary = findMysqlBinary()
  if (!binary) throw new Error('No MySQL or MariaDB on this machine')
  // Of this test alone: its settings are everybody's.
  mysql = await startPrivateMysql({ binary, dataDir })
})
afterAll(async () => {
  await mysql?.[Symbol.asyncDispose]()
  rmSync(dataDir, { recursive: true, force: true })
})

test.each(['', 'NO_BACKSLASH_ESCAPES', 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES'])(
  'what a buyer writes stays a value on a server with the mode "%s"',
  async (mode) => {
    await say(`SET GLOBAL sql_mode = '${mode}'`)
    await say('SET GLOBAL character_set_client = latin1')
    for (const text of ["\\' OR 1=1 -- ", "' OR 1=1 -- ", '\\', '\\\\"', "it's"])
      expect(await say('SELECT ?', { value: text })).toBe(text)
    expect(await say('SELECT @@sql_mode')).toContain('STRICT_ALL_TABLES')
    expect(
      await say("SHOW VARIABLES WHERE Variable_name IN ('tx_isolation', 'transaction_isolation')", {
        column: 1,
      }),
    ).toBe('READ-COMMITTED')
    expect(await say('SELECT @@character_set_client')).toBe('utf8mb4')
  },
)

test('a server on the same machine is reached by its socket', async () => {
  const socket = await say('SELECT @@socket')
  const byNetwork = await say("SELECT SUBSTRING_INDEX(USER(), '@', -1)")
  const url = new URL(mysql.adminUrl)
  url.searchParams.set('socket', String(socket))
  const bySocket = await say("SELECT SUBSTRING_INDEX(USER(), '@', -1)", { url: url.href })
  expect([byNetwork, bySocket]).toEqual(['127.0.0.1', 'localhost'])
})

test('a session that cannot begin is an error of who asked for it, each time, and ends nothing else', async () => {
  const pool = openPool(
    { ...mysqlOptions(mysql.adminUrl), connectionLimit: 1 },
    ['SET SESSION no_such = 1'],
    '',
  )
  for (const asked of [
    () => pool.query('SELECT 1'),
    () => pool.getConnection(),
    () => pool.query('SELECT 1'),
  ])
    await expect(asked()).rejects.toThrow(/no_such/)
  await pool.end()
})

type How = { value?: string; column?: number; url?: string }

async function say(sql: string, { value, column = 0, url = mysql.adminUrl }: How = {}): Promise<unknown> {
  const session = await adapter(url, { connectionLimit: 1 }).connect()
  try {
    const args = value === undefined ? [] : [value]
    const { rows } = await session.queryRaw({
      sql,
      args,
      argTypes: args.map(() => ({ scalarType: 'string', arity: 'scalar' })),
    })
    return rows[0]?.[column]
  } finally {
    await session.dispose()
  }
}
