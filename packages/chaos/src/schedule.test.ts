import { expect, test } from 'vitest'
import { createSchedule, type ScheduleOptions } from './schedule.ts'
import { phases } from './schedule-subscriptions.ts'

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

test('everything happens while orders come in and months go by, and in its order', () => {
  const { loadMs, orders, steps, faults } = createSchedule(usual)
  const times = [orders, steps, faults].map((planned) => planned.map(({ atMs }) => atMs))
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
  expect(faults.filter((fault) => 'target' in fault && fault.target === 'mysql')).toEqual([])
  expect(faults.some((fault) => fault.kind === 'cut' && fault.wire === 'mysql')).toBe(true)
})

test('many kills bring every kind of fault to every place', () => {
  const { faults } = createSchedule({ ...usual, orders: 5_000, kills: 200 })
  const seen = new Set(
    faults.map((fault) =>
      [
        fault.kind,
        'target' in fault && fault.target,
        'wire' in fault && fault.wire,
        'trouble' in fault && fault.trouble,
      ]
        .filter(Boolean)
        .join(' '),
    ),
  )
  // 2 × 5 targets, the wipe, 3 × 5 wires, 7 + 5 + 4 fault kinds.
  expect([...seen].toSorted()).toHaveLength(10 + 1 + 15 + 16)
})

test('one buyer in seven comes by a link, and some never pay', () => {
  const { orders } = createSchedule({ ...usual, orders: 5_000 })
  const share = (wanted: (order: (typeof orders)[number]) => boolean) => orders.filter(wanted).length / 5_000
  expect(share(({ from }) => from === 'link')).toBeCloseTo(0.15, 1)
  expect(share(({ ending }) => ending === 'walks-away' || ending === 'expires')).toBeCloseTo(0.055, 1)
  expect(new Set(orders.map(({ serverName }) => serverName)).size).toBe(5_000)
})

test('a good part of the orders are subscriptions, by the shop and by links, and every kind of life is among them', () => {
  const { orders } = createSchedule({ ...usual, orders: 5_000 })
  const lives = orders.flatMap(({ life }) => life ?? [])
  expect(lives.length / 5_000).toBeGreaterThan(0.3)
  const sellers = new Set(orders.flatMap(({ life, from }) => (life ? [from] : [])))
  expect(sellers).toEqual(new Set(['shop', 'link']))
  expect(new Set(lives.map(({ kind }) => kind)).size).toBe(20)
  expect(orders.every(({ life, plan }) => (life === null) === (plan === 'once'))).toBe(true)
})

test('the clock moves once everybody has bought, and never back', () => {
  const { orders, steps } = createSchedule(usual)
  expect(steps.at(0)?.atMs).toBeGreaterThanOrEqual(orders.at(-1)?.atMs ?? 0)
  const days = steps.map(({ month, phase }) => 31 * month + phases[phase])
  expect(days).toEqual(days.toSorted((a, b) => a - b))
  expect(steps).toHaveLength(18)
})

test('time stands still where no subscription is sold', () => {
  const once = [1, 2, 3, 4, 5, 6].map((seed) => createSchedule({ ...usual, seed, orders: 1 }))
  expect(once.some(({ steps }) => steps.length === 0)).toBe(true)
  for (const { orders, steps } of once) expect(steps.length > 0).toBe(orders[0]?.life !== null)
})
