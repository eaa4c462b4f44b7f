import { raw, sql, type Transaction } from '@spawnpoint/database'
import { createConnection } from 'mariadb'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../src/fixtures.ts'
import { numbersBelow } from '../src/numbers-below.ts'
import { owning } from '../src/owning.ts'
import { openQueryPlans, type QueryPlans } from '../src/query-plans.ts'

const cleanUp = owning()
let plans: QueryPlans
let client: Transaction

beforeAll(async () => {
  const { url } = cleanUp.own(await testDatabase())
  const { hostname: host, port, username: user, password, pathname } = new URL(url)
  const connection = await createConnection({
    host,
    port: Number(port),
    user,
    password,
    database: pathname.slice(1),
  })
  cleanUp.own({ [Symbol.asyncDispose]: () => connection.end() })
  plans = cleanUp.own(await openQueryPlans(url))
  client = plans.watch({
    $executeRaw: async (query) => (await connection.query(query.sql, query.values)).affectedRows,
    $queryRaw: (query) => connection.query(query.sql, query.values),
  })
  await client.$executeRaw(
    sql`CREATE TABLE fruit (id INT PRIMARY KEY, kind INT NOT NULL, weight INT NOT NULL, INDEX fruit_kind_idx (kind))`,
  )
  await client.$executeRaw(sql`INSERT INTO fruit SELECT n, n DIV 10, n FROM ${numbersBelow(5_000)}`)
  await client.$queryRaw(raw('ANALYZE TABLE fruit'))
})
afterAll(() => cleanUp[Symbol.asyncDispose]())

const heaviest = () =>
  client.$queryRaw(sql`SELECT id FROM fruit WHERE weight > ${10} ORDER BY weight DESC LIMIT ${3}`)

test('a query over an index reports the name of the index and the rows it found', async () => {
  const [plan] = await plans.of(() => client.$queryRaw(sql`SELECT weight FROM fruit WHERE kind = ${7}`))
  expect(plan?.way).toBe('select fruit by fruit_kind_idx')
  expect(plan?.examined).toBeGreaterThanOrEqual(10)
  expect(plan?.examined).toBeLessThanOrEqual(12)
})

test('a query without an index is reported with the whole table', async () => {
  const [plan] = await plans.of(heaviest)
  expect(plan?.way).toBe('select fruit whole, sorted')
  expect(plan?.examined).toBeGreaterThanOrEqual(5_000)
  await expect(plans.ways(heaviest)).rejects.toThrow(/rows examined, not 1000\nSELECT id FROM fruit/)
})

test('asking for the plan of a change changes nothing', async () => {
  const change = () => client.$executeRaw(sql`UPDATE fruit SET weight = weight + 1 WHERE id = ${5}`)
  expect(await plans.ways(change)).toEqual(['update fruit by PRIMARY'])
  expect(await client.$queryRaw(sql`SELECT weight FROM fruit WHERE id = 5`)).toEqual([{ weight: 6 }])
})

test('a row that is not there was looked up by a key', async () => {
  const look = () => client.$queryRaw(sql`SELECT weight FROM fruit WHERE id = ${5_000}`)
  expect(await plans.ways(look)).toEqual(['select by a key'])
})
