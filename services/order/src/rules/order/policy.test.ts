import { expect, test } from 'vitest'
import { defaultPolicy, refusePolicy } from './policy.ts'

const regions = new Set(['us', 'eu'])

test.each([0, 0.5, 0.999])(
  'a retention of %s days is refused: nobody could read the warning',
  (retention_days) => {
    expect(refusePolicy({ ...defaultPolicy, retention_days }, regions)).toEqual({
      code: 'retention_too_short',
      why: `retention_days is ${retention_days}, and the plan was not changed: nothing is deleted before its customer was warned and had 1 day to pay. Send retention_days of 1 or more, or leave it out for 7.`,
    })
  },
)

test('a region that does not exist is refused with those that do', () => {
  expect(refusePolicy({ ...defaultPolicy, when_impossible: ['us', 'nowhere'] }, regions)).toEqual({
    code: 'region_unknown',
    why: 'when_impossible names the region "nowhere", which does not exist, and the plan was not changed. The regions are: eu, us. Send one of these, or create it first with PUT /admin/regions/nowhere.',
  })
  expect(refusePolicy({ ...defaultPolicy, when_impossible: ['us'] }, new Set())).toMatchObject({
    why: expect.stringContaining('none yet'),
  })
})

test('a region that is named twice is refused', () => {
  expect(refusePolicy({ ...defaultPolicy, when_impossible: ['eu', 'us', 'eu'] }, regions)).toMatchObject({
    code: 'region_twice',
    why: expect.stringContaining('"eu" twice'),
  })
})

test.each(['hold', 'refund', ['us', 'eu']] as const)('%j is a policy', (when_impossible) => {
  const others = typeof when_impossible === 'string' ? when_impossible : [...when_impossible]
  expect(refusePolicy({ ...defaultPolicy, retention_days: 1, when_impossible: others }, regions)).toBeNull()
})
