import { expect, test } from 'vitest'
import { isDatabaseAway, isDuplicate, isRace } from './errors.ts'

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
