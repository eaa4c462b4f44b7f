import { expect, test } from 'vitest'
import { growthInLastThird } from './goals.ts'

test('a service that was warm after the first third and stays as it is does not grow', () => {
  expect(growthInLastThird([80, 100, 120, 130, 131, 130, 129, 130, 131])).toBe(0)
})

test('a service that keeps a little of each event grows', () => {
  expect(growthInLastThird([100, 110, 120, 130, 140, 150, 160, 170, 180])).toBe(30)
})
