import { rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { openConnection } from '@spawnpoint/database'
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
  await query(adminUrl, `DROP USER IF EXISTS ${prefix}spawnpoint_migrate`)
  rmSync(directory, { recursive: true })
})

test('each service has a schema of its own and sees no other', async () => {
  const { services, migrations } = await create()
  const { orders, billing } = services
  await query(migrations.billing, 'CREATE TABLE _prisma_migrations (id INT PRIMARY KEY)')
  await query(migrations.billing, 'CREATE TABLE payment (id INT PRIMARY KEY)')

  expect(await query(billing, 'SELECT COUNT(*) AS payments FROM payment')).toHaveLength(1)
  await expect(query(orders, `SELECT * FROM ${prefix}billing.payment`)).rejects.toThrow('denied')
  expect(await query(orders, 'SHOW DATABASES')).not.toContainEqual({ Database: `${prefix}billing` })
})

test.each([
  'CREATE TABLE another (id INT PRIMARY KEY)',
  'ALTER TABLE payment ADD COLUMN price INT',
  'DROP TABLE payment',
  'TRUNCATE payment',
  'CREATE INDEX by_id ON payment (id)',
  "GRANT SELECT ON payment TO 'root'@'127.0.0.1'",
  'SELECT * FROM mysql.user',
  "SELECT 1 INTO OUTFILE '/tmp/spawnpoint-stolen'",
])('a service changes rows and nothing else: %s is denied', async (statement) => {
  const { billing } = (await create()).services
  await query(billing, 'INSERT INTO payment VALUES (1)')
  await query(billing, 'UPDATE payment SET id = 2')
  await query(billing, 'DELETE FROM payment')
  await expect(query(billing, statement)).rejects.toThrow('denied')
})

test('what an earlier version granted to a service is taken back', async () => {
  const { billing } = (await create()).services
  await query(
    adminUrl,
    `GRANT ALL PRIVILEGES ON \`${prefix.replace('_', '\\_')}billing\`.* TO '${prefix}spawnpoint_billing'@'%'`,
  )
  await query(billing, 'CREATE TABLE another (id INT PRIMARY KEY)')
  await create()
  await expect(query(billing, 'DROP TABLE another')).rejects.toThrow('denied')
})

test('_ in a schema name is not a wildcard', async () => {
  const { orders } = (await create()).services
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
  const { services: before } = await create()
  rmSync(credentialsFile)
  const { services: after } = await create()

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
  const connection = await openConnection(url)
  try {
    return await connection.query(sql)
  } finally {
    await connection.end()
  }
}
