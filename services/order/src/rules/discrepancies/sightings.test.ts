import { expect, test } from 'vitest'
import { openSightings } from './sightings.ts'

test('what is seen twice in a row is certain, and repaired after two, four and eight sightings', () => {
  const sightings = openSightings({ atMost: 10 })
  const repairedAfter: number[] = []
  for (let run = 1; run <= 10; run += 1) {
    sightings.see(['a'])
    expect(sightings.isCertain('a')).toBe(run > 1)
    if (!sightings.isDue('a')) continue
    repairedAfter.push(run)
    sightings.wasRepaired('a')
  }
  expect(repairedAfter).toEqual([2, 4, 8])
})

test('what a run did not find begins anew', () => {
  const sightings = openSightings({ atMost: 10 })
  for (const ids of [['a'], [], ['a']]) sightings.see(ids)
  expect(sightings.isCertain('a')).toBe(false)
  expect(sightings.isDue('a')).toBe(false)
})

test('no more than so many are remembered, those first that were seen before', () => {
  const sightings = openSightings({ atMost: 2 })
  sightings.see(['b', 'c'])
  sightings.see(['a', 'b', 'c', 'd'])
  expect(['a', 'b', 'c', 'd'].map((id) => sightings.isCertain(id))).toEqual([false, true, true, false])
})
