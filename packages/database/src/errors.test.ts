import { expect, test } from 'vitest'
import { isDatabaseAway, isDuplicate, isInterrupted, isRace, outageOf } from './errors.ts'

test('a deadlock, a lock timeout and a lost insert are races', () => {
  expect(
    isRace(new Error('Raw query failed. Code: `1213`. Message: `Deadlock found when trying to get lock`')),
  ).toBe(true)
  expect(isRace(new Error('Raw query failed. Code: `1205`. Message: `whatever`'))).toBe(true)
  expect(isRace(Object.assign(new Error('Unique constraint failed'), { code: 'P2002' }))).toBe(true)
})

test('a row that is there already is told from a deadlock, which has ended the transaction', () => {
  const duplicate = new Error(
    "Raw query failed. Code: `1062`. Message: `Duplicate entry '7-main' for key 'PRIMARY'`",
  )
  const deadlock = new Error(
    'Raw query failed. Code: `1213`. Message: `Deadlock found when trying to get lock`',
  )
  expect([duplicate, deadlock].map(isDuplicate)).toEqual([true, false])
  expect([duplicate, deadlock].map(isRace)).toEqual([true, true])
})

test('a refused connection and a full pool mean that the database is away', () => {
  expect(isDatabaseAway(new Error('connect ECONNREFUSED 127.0.0.1:3306'))).toBe(true)
  expect(
    isDatabaseAway(
      new Error('query failed', { cause: new Error('pool timeout: failed to retrieve a connection') }),
    ),
  ).toBe(true)
})

test('no connection in time is an outage; a transaction that outlasts its own time is not', () => {
  const error = (message: string) =>
    Object.assign(new Error(`Transaction API error: ${message}`), { code: 'P2028' })
  expect(isDatabaseAway(error('Unable to start a transaction in the given time.'))).toBe(true)
  expect(
    isDatabaseAway(error('A query cannot be executed on an expired transaction. The timeout was 30000 ms')),
  ).toBe(false)
})

test('numbers that an error only quotes mean nothing', () => {
  expect(isRace(new Error('Cannot decide about order-1213 and 1062 others'))).toBe(false)
  expect(isDatabaseAway(new Error('Order 2006 has no plan 2013'))).toBe(false)
})

test('an error is told by its number, whatever it says', () => {
  const ofDriver = (errno: number, more = {}) => Object.assign(new Error('whatever'), { errno, ...more })
  expect([1213, 1205, 1020, 1062].map((errno) => isRace(ofDriver(errno)))).toEqual([true, true, true, true])
  expect(isDuplicate(ofDriver(1062))).toBe(true)
  expect([2006, 45013, 45028].map((errno) => isDatabaseAway(ofDriver(errno)))).toEqual([true, true, true])
  const quoting = Object.assign(new Error("Data too long: `Duplicate entry '7'`, deadlock found"), {
    errno: 1406,
  })
  expect([isRace(quoting), isDuplicate(quoting), isDatabaseAway(quoting)]).toEqual([false, false, false])
})

test("Prisma's error has the number of the driver's", () => {
  const ofPrisma = (originalCode: string) =>
    Object.assign(new Error('Raw query failed.'), {
      code: 'P2010',
      meta: { driverAdapterError: Object.assign(new Error('mysql'), { cause: { originalCode } }) },
    })
  expect([isRace(ofPrisma('1213')), isDatabaseAway(ofPrisma('45028'))]).toEqual([true, true])
  expect([isRace(ofPrisma('1146')), isDatabaseAway(ofPrisma('1146'))]).toEqual([false, false])
  expect(isRace(new Error('saving orders', { cause: ofPrisma('1205') }))).toBe(true)
})

test('a connection that an error ended was the database, unless the statement was too long for it', () => {
  const fatal = (errno: number) => Object.assign(new Error('whatever'), { errno, fatal: true })
  expect(isDatabaseAway(fatal(1047))).toBe(true)
  expect(isDatabaseAway(fatal(1153))).toBe(false)
})

test.each([
  ['a server that was set read-only', 1290, 'read_only'],
  ['InnoDB in its read-only mode', 1836, 'read_only'],
  ['a read-only transaction', 1792, 'read_only'],
  ['a full table or tablespace', 1114, 'full'],
  ['a full disk', 1021, 'full'],
  ['a storage engine that cannot write', 1030, 'full'],
  ['no more connections', 1040, 'exhausted'],
  ['no more memory', 1041, 'exhausted'],
  ['no more connections of this user', 1203, 'exhausted'],
  ['a server that stops', 1053, 'away'],
  ['a node of Galera that is not ready', 1047, 'away'],
  ['a group without a quorum', 3100, 'away'],
  ['a lost packet', 1159, 'away'],
  ['another password', 1045, 'refused'],
  ['a right that is missing', 1142, 'refused'],
])('%s is nobody’s mistake: the same work goes on once it is mended', (_, errno, kind) => {
  const error = new Error('storing', { cause: Object.assign(new Error('whatever'), { errno }) })
  expect(outageOf(error)).toBe(kind)
  expect([isDatabaseAway(error), isRace(error), isInterrupted(error)]).toEqual([true, false, false])
})

test('a statement that the server cut off may be at fault itself, and is worth another try', () => {
  for (const errno of [1317, 1969, 3024]) {
    const error = Object.assign(new Error('whatever'), { errno })
    expect([isInterrupted(error), isDatabaseAway(error)]).toEqual([true, false])
  }
})

test('what is wrong with the statement is no outage', () => {
  for (const errno of [1048, 1054, 1064, 1146, 1264, 1366, 1406, 1452])
    expect(outageOf(Object.assign(new Error('whatever'), { errno }))).toBeNull()
})
