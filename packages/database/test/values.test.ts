import { Sql } from '@prisma/client/runtime/client'
import { type TestDatabase, testDatabase } from '@spawnpoint/stack'
import fc from 'fast-check'
import type { Connection } from 'mariadb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inlineJoin, inlineSql } from '../src/inline-sql.ts'
import { openConnection } from '../src/open-connection.ts'

let database: TestDatabase
let connection: Connection

beforeAll(async () => {
  database = await testDatabase()
  connection = await openConnection(database.url, { bigIntAsNumber: true })
  await connection.query(
    `CREATE TABLE kept (n INT PRIMARY KEY, word MEDIUMTEXT, file MEDIUMBLOB, at DATETIME(3), big BIGINT, yes BOOLEAN)
     DEFAULT CHARACTER SET utf8mb4`,
  )
})

afterAll(async () => {
  await connection.end()
  await database[Symbol.asyncDispose]()
})

const hostile = [
  "it's",
  "'); DROP TABLE kept; -- ",
  '\\',
  "\\'",
  '"double" and `backtick` and ? and :name and /* comment */ # and -- ',
  '\0\b\n\r\t\x1a%_',
  'Zoë 🎮 ‘’ ＇ ʼ',
  "%bf%27 \u00bf'",
  '',
]

test.each(['', 'NO_BACKSLASH_ESCAPES', 'ANSI_QUOTES'])(
  'whatever a text or a file holds comes back as it was, in sql_mode %s',
  async (mode) => {
    await connection.query('SET SESSION sql_mode = ?', [mode])
    for (const word of hostile) {
      const [kept] = await keep(word, Buffer.from(word))
      expect(kept).toMatchObject({ word, file: Buffer.from(word) })
    }
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'grapheme' }), fc.uint8Array(), async (word, bytes) => {
        const [kept] = await keep(word, Buffer.from(bytes))
        expect(kept).toMatchObject({ word, file: Buffer.from(bytes) })
      }),
      { numRuns: 100 },
    )
  },
)

test('numbers, times, yes and no, nothing, and expressions stand in a row as what they are', async () => {
  const at = new Date('2026-11-27T22:41:07.089Z')
  const rows = [
    inlineSql`(${1}, ${null}, ${null}, ${at}, ${9_007_199_254_740_993n}, ${true})`,
    inlineSql`(${2}, ${null}, ${null}, ${inlineSql`'2026-01-01'`}, ${-5}, ${false})`,
  ]
  await connection.query(inlineSql`REPLACE INTO kept VALUES ${inlineJoin(rows)}`.sql)
  expect(
    await connection.query(
      'SELECT CAST(at AS CHAR) AS at, CAST(big AS CHAR) AS big, yes FROM kept ORDER BY n',
    ),
  ).toEqual([
    { at: '2026-11-27 22:41:07.089', big: '9007199254740993', yes: 1 },
    { at: '2026-01-01 00:00:00.000', big: '-5', yes: 0 },
  ])
  expect(
    await connection.query(inlineSql`SELECT n FROM kept WHERE n IN (${inlineJoin([2, 3])})`.sql),
  ).toEqual([{ n: 2 }])
})

test('what is no value is refused', () => {
  expect(() => inlineSql`SELECT ${Number.NaN}`).toThrow('NaN cannot be written')
  expect(() => inlineSql`SELECT ${new Date(Number.NaN)}`).toThrow()
  expect(() => inlineSql`SELECT ${undefined}`).toThrow('undefined cannot be written')
  expect(() => inlineSql`SELECT ${new Sql(['', ''], [1])}`).toThrow('cannot be written')
})

async function keep(word: string, file: Buffer): Promise<unknown[]> {
  await connection.query(inlineSql`REPLACE INTO kept (n, word, file) VALUES (${1}, ${word}, ${file})`.sql)
  return await connection.query('SELECT word, file FROM kept WHERE n = 1')
}
