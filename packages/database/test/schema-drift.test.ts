import { fileURLToPath } from 'node:url'
import { type TestDatabase, testDatabase } from '@spawnpoint/stack'
import type { Connection } from 'mariadb'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openConnection } from '../src/open-connection.ts'
import { diffSchema } from '../src/schema-drift.ts'

const schemaPath = fileURLToPath(new URL('fruit.prisma', import.meta.url))

let database: TestDatabase
let connection: Connection

beforeEach(async () => {
  database = await testDatabase()
  connection = await openConnection(database.url, { multipleStatements: true })
  await connection.query(`
    CREATE TABLE fruit (
      id VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
      seq BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
      colour VARCHAR(191),
      weight INT NOT NULL DEFAULT 0,
      sweet BOOLEAN NOT NULL,
      ripeness ENUM('green', 'ripe') NOT NULL DEFAULT 'green',
      notes JSON,
      picked_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
      price DECIMAL(10, 2) NOT NULL,
      PRIMARY KEY (id), UNIQUE KEY (seq), UNIQUE KEY (colour, picked_at), KEY (weight, sweet)
    );
    CREATE TABLE tree (
      orchard INT NOT NULL, \`row\` INT NOT NULL, fruit_id VARCHAR(64) NOT NULL, PRIMARY KEY (orchard, \`row\`), KEY (fruit_id)
    );
    CREATE TABLE _prisma_migrations (id INT PRIMARY KEY);`)
})

afterEach(async () => {
  await connection.end()
  await database[Symbol.asyncDispose]()
})

test('tables that are what schema.prisma says have no drift', async () => {
  expect(await diffSchema({ schemaPath, url: database.url })).toEqual([])
})

test.each([
  ['ALTER TABLE fruit DROP price', 'fruit.price: no such column'],
  ['ALTER TABLE fruit ADD taste INT', 'fruit.taste: not in schema.prisma'],
  [
    'ALTER TABLE fruit MODIFY weight BIGINT NOT NULL DEFAULT 0',
    'says int NOT NULL DEFAULT, the database bigint NOT NULL DEFAULT',
  ],
  ['ALTER TABLE fruit MODIFY weight INT NOT NULL', 'says int NOT NULL DEFAULT, the database int NOT NULL'],
  ['ALTER TABLE fruit MODIFY sweet BOOLEAN', 'says tinyint(1) NOT NULL, the database tinyint(1) NULL'],
  ['ALTER TABLE fruit MODIFY notes LONGTEXT', 'says json NULL, the database longtext NULL'],
  [
    'ALTER TABLE fruit MODIFY picked_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP',
    'says datetime(3) NOT NULL',
  ],
  [
    "ALTER TABLE fruit MODIFY ripeness ENUM('ripe') NOT NULL DEFAULT 'ripe'",
    "says enum('green','ripe') NOT NULL",
  ],
  ['ALTER TABLE fruit MODIFY seq BIGINT UNSIGNED NOT NULL', 'bigint unsigned NOT NULL AUTO_INCREMENT'],
  ['ALTER TABLE tree DROP KEY fruit_id', 'tree: no index (fruit_id)'],
  [
    'ALTER TABLE tree ADD UNIQUE KEY (fruit_id, orchard)',
    'tree: unique key (fruit_id, orchard) is not in schema.prisma',
  ],
  [
    'ALTER TABLE tree DROP PRIMARY KEY, ADD PRIMARY KEY (`row`, orchard)',
    'tree: no primary key (orchard, row)',
  ],
  ['DROP TABLE tree', 'tree: no such table'],
  ['CREATE TABLE leaf (id INT PRIMARY KEY)', 'leaf: not in schema.prisma'],
])('%s is drift', async (statement, finding) => {
  await connection.query(statement)
  expect(await diffSchema({ schemaPath, url: database.url })).toContainEqual(expect.stringContaining(finding))
})
