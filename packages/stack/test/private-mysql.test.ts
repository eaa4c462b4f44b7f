import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { openConnection } from '@spawnpoint/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findMysqlBinary } from '../src/mysql.ts'
import { type PrivateMysql, startPrivateMysql } from '../src/private-mysql.ts'
import { testDirectory } from '../src/test-directory.ts'

// As people call their folders.
const dataDir = join(testDirectory('private-mysql'), 'höhe und tiefe')
let mysql: PrivateMysql

beforeAll(async () => {
  mysql = await open()
})

afterAll(async () => {
  await mysql[Symbol.asyncDispose]()
  rmSync(dirname(dataDir), { recursive: true, force: true })
})

test('it reports its version and address', () => {
  expect(mysql.description).toMatch(/^(MariaDB|MySQL) \d+\.\d+\.\d+ \(private, 127\.0\.0\.1:\d+\)$/)
})

test('it refuses connections without the password, which only its owner can read', async () => {
  const withoutPassword = new URL(mysql.adminUrl)
  withoutPassword.password = ''
  await expect(query(withoutPassword.href, 'SELECT 1')).rejects.toThrow('Access denied')
  await expect(query(withoutPassword.href.replace('root@', 'anybody@'), 'SELECT 1')).rejects.toThrow(
    'Access denied',
  )

  expect(statSync(passwordFile()).mode & 0o777).toBe(0o600)
  expect(readFileSync(passwordFile(), 'utf8')).toBe(new URL(mysql.adminUrl).password)
})

test('it commits durably and speaks utf8mb4', async () => {
  const [settings] = await query(
    mysql.adminUrl,
    'SELECT @@innodb_flush_log_at_trx_commit AS flush, @@character_set_server AS charset, @@bind_address AS address',
  )
  expect(settings).toMatchObject({ charset: 'utf8mb4', address: '127.0.0.1' })
  expect(Number(settings?.flush)).toBe(1)
})

test('a second instance on the same data is refused by name', async () => {
  await expect(open()).rejects.toThrow(`is in use by process ${process.pid}: stop that one first`)
})

test('data and port survive a kill -9', async () => {
  await query(mysql.adminUrl, 'CREATE DATABASE fruit')
  await query(mysql.adminUrl, 'CREATE TABLE fruit.apple (id INT PRIMARY KEY)')
  await query(mysql.adminUrl, 'INSERT INTO fruit.apple VALUES (7)')
  await mysql.kill()
  await expect(query(mysql.adminUrl, 'SELECT 1')).rejects.toThrow()

  await mysql.start()
  expect(await query(mysql.adminUrl, 'SELECT id FROM fruit.apple')).toEqual([{ id: 7 }])
})

test('a lost password is made anew and locks nobody out; the next start finds data and port', async () => {
  const { adminUrl } = mysql
  await mysql[Symbol.asyncDispose]()
  writeFileSync(passwordFile(), 'another-password')

  mysql = await open()
  expect(mysql.adminUrl).toBe(adminUrl.replace(/:[^:@]+@/, ':another-password@'))
  expect(await query(mysql.adminUrl, 'SELECT id FROM fruit.apple')).toEqual([{ id: 7 }])
})

async function open(): Promise<PrivateMysql> {
  const binary = process.env.SPAWNPOINT_TEST_MYSQLD ?? findMysqlBinary()
  if (!binary) throw new Error('no mariadbd or mysqld on this machine')
  return startPrivateMysql({ binary, dataDir })
}

function passwordFile(): string {
  const [, product = '', series = ''] = /^(\w+) (\d+\.\d+)/.exec(mysql.description) ?? []
  return join(dataDir, `${product.toLowerCase()}-${series}`, 'password')
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const connection = await openConnection(url)
  try {
    return await connection.query(sql)
  } finally {
    await connection.end()
  }
}
