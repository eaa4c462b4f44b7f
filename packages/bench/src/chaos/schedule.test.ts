import { expect, test } from 'vitest'
import { createSchedule, type ScheduleOptions } from './schedule.ts'

const usual: ScheduleOptions = { seed: 1, orders: 300, kills: 15, ordersPerSecond: null, mysqlIsOurs: true }

test('the same seed is the same run', () => {
  expect(createSchedule(usual)).toEqual(createSchedule(usual))
  expect(createSchedule({ ...usual, seed: 2 })).not.toEqual(createSchedule(usual))
})

test('there are exactly as many orders and kills as were asked for', () => {
  for (const [orders, kills] of [
    [1, 0],
    [300, 15],
    [5_000, 100],
  ] as const) {
    const schedule = createSchedule({ ...usual, orders, kills })
    expect(schedule.orders).toHaveLength(orders)
    expect(schedule.faults.filter(({ kind }) => kind === 'kill')).toHaveLength(kills)
  }
})

test('everything happens while orders come in, and in its order', () => {
  const { loadMs, orders, faults } = createSchedule(usual)
  const times = [orders, faults].map((planned) => planned.map(({ atMs }) => atMs))
  for (const of of times) {
    expect(of).toEqual(of.toSorted((a, b) => a - b))
    expect(Math.min(...of)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...of)).toBeLessThanOrEqual(loadMs)
  }
})

test('nothing breaks when nothing is to be killed', () => {
  expect(createSchedule({ ...usual, kills: 0 }).faults).toEqual([])
})

test('a database that was given is left alone, but not the way to it', () => {
  const { faults } = createSchedule({ ...usual, kills: 500, mysqlIsOurs: false })
  expect(faults.filter((fault) => 'victim' in fault && fault.victim === 'mysql')).toEqual([])
  expect(faults.some((fault) => fault.kind === 'cut' && fault.wire === 'mysql')).toBe(true)
})

test('many kills bring every kind of fault to every place', () => {
  const { faults } = createSchedule({ ...usual, orders: 5_000, kills: 200 })
  const seen = new Set(
    faults.map((fault) =>
      [
        fault.kind,
        'victim' in fault && fault.victim,
        'wire' in fault && fault.wire,
        'trouble' in fault && fault.trouble,
      ]
        .filter(Boolean)
        .join(' '),
    ),
  )
  // 2 × 5 victims, the wipe, 3 × 5 wires, 7 + 5 + 4 troubles.
  expect([...seen].toSorted()).toHaveLength(10 + 1 + 15 + 16)
})

test('one buyer in ten comes by a link, and some never pay', () => {
  const { orders } = createSchedule({ ...usual, orders: 5_000 })
  const share = (wanted: (order: (typeof orders)[number]) => boolean) => orders.filter(wanted).length / 5_000
  expect(share(({ from }) => from === 'link')).toBeCloseTo(0.1, 1)
  expect(share(({ ending }) => ending === 'walks-away' || ending === 'expires')).toBeCloseTo(0.055, 1)
  expect(new Set(orders.map(({ serverName }) => serverName)).size).toBe(5_000)
})
