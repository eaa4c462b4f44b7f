import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { mysqlOptions } from '@spawnpoint/database'
import { createConnection } from 'mariadb'
import { afterAll, expect, test } from 'vitest'
import { createDatabases, schemas } from '../src/databases.ts'
import { testMysqlUrl } from '../src/fixtures.ts'
import { testDirectory } from '../src/test-directory.ts'

const directory = testDirectory('databases')
const credentialsFile = join(directory, 'credentials.json')
const adminUrl = testMysqlUrl()
const prefix = `t${process.pid}_`
const create = () => createDatabases({ adminUrl, prefix, credentialsFile })

afterAll(async () => {
  for (const schema of schemas) {
    await query(adminUrl, `DROP DATABASE IF EXISTS ${prefix}${schema}`)
    await query(adminUrl, `DROP USER IF EXISTS ${prefix}spawnpoint_${schema}`)
  }
  rmSync(directory, { recursive: true })
})

test('each service has a schema of its own and sees no other', async () => {
  const { orders, billing } = await create()
  await query(billing, 'CREATE TABLE _prisma_migrations (id INT PRIMARY KEY)')
  await query(billing, 'CREATE TABLE payment (id INT PRIMARY KEY)')

  expect(await query(billing, 'SELECT COUNT(*) AS payments FROM payment')).toHaveLength(1)
  await expect(query(orders, `SELECT * FROM ${prefix}billing.payment`)).rejects.toThrow('denied')
  expect(await query(orders, 'SHOW DATABASES')).not.toContainEqual({ Database: `${prefix}billing` })
})

test('_ in a schema name is not a wildcard', async () => {
  const { orders } = await create()
  const lookalike = `${prefix.replace('_', 'x')}orders`
  await query(adminUrl, `CREATE DATABASE ${lookalike}`)
  try {
    await expect(query(orders, `CREATE TABLE ${lookalike}.stolen (id INT)`)).rejects.toThrow('denied')
  } finally {
    await query(adminUrl, `DROP DATABASE ${lookalike}`)
  }
})

test('the passwords are kept for the next start, where only their owner can read them', async () => {
  expect(await create()).toEqual(await create())
  expect(statSync(credentialsFile).mode & 0o777).toBe(0o600)
})

test('lost passwords are replaced by new ones', async () => {
  const before = await create()
  rmSync(credentialsFile)
  const after = await create()

  expect(after.orders).not.toBe(before.orders)
  expect(await query(after.orders, 'SELECT 1 AS one')).toHaveLength(1)
  await expect(query(before.orders, 'SELECT 1')).rejects.toThrow('Access denied')
})

test("a stranger's schema of the same name is refused before anything is made", async () => {
  const theirs = `x${prefix}`
  await query(adminUrl, `CREATE DATABASE ${theirs}orders`)
  await query(adminUrl, `CREATE TABLE ${theirs}orders.orders (id INT)`)
  try {
    await expect(createDatabases({ adminUrl, prefix: theirs, credentialsFile })).rejects.toThrow(
      'SPAWNPOINT_SCHEMA_PREFIX',
    )
    expect(await query(adminUrl, `SHOW DATABASES LIKE '${theirs}%'`)).toHaveLength(1)
  } finally {
    await query(adminUrl, `DROP DATABASE ${theirs}orders`)
  }
})

test('a prefix that MySQL has no room for is refused before anything is made', async () => {
  const long = 'a_prefix_that_is_too_long_'
  await expect(createDatabases({ adminUrl, prefix: long, credentialsFile })).rejects.toThrow('32 characters')
  expect(await query(adminUrl, `SHOW DATABASES LIKE '${long}%'`)).toEqual([])
})

async function query(url: string, sql: string): Promise<unknown[]> {
  const connection = await createConnection(mysqlOptions(url))
  try {
    return await connection.query(sql)
  } finally {
    await connection.end()
  }
}
