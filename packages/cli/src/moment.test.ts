import { expect, test } from 'vitest'
import { readMoment } from './moment.ts'

const now = new Date('2026-11-23T12:00:00Z')

test.each([
  ['2h', '2026-11-23T10:00:00.000Z'],
  ['90s', '2026-11-23T11:58:30.000Z'],
  ['7d', '2026-11-16T12:00:00.000Z'],
  ['2026-11-23T10:00:00Z', '2026-11-23T10:00:00.000Z'],
  ['2026-11-23T10:00:00', '2026-11-23T10:00:00.000Z'],
  ['2026-11-23T10:00:00+02:00', '2026-11-23T08:00:00.000Z'],
  ['2026-11-23', '2026-11-23T00:00:00.000Z'],
])('%s is %s', (text, moment) => {
  expect(readMoment(text, now)).toBe(moment)
})

test.each(['yesterday', '2', 'h', '-2h', '2026', '2026-13-41'])('%s is no moment', (text) => {
  expect(() => readMoment(text, now)).toThrow('Say how long ago')
})
