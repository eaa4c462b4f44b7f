import { expect, test } from 'vitest'
import { routeOf } from './count-call.ts'

test('calls are counted by route, whatever they are about', () => {
  expect(
    [
      'GET /servers/external/o-1?include=user',
      'DELETE /servers/12/force',
      'GET /nodes/3/allocations?page=2',
      'POST /users',
      'GET /users/external/7/8',
    ].map(routeOf),
  ).toEqual([
    'GET /servers/external/:id',
    'DELETE /servers/:id/force',
    'GET /nodes/:id/allocations',
    'POST /users',
    'GET /users/external/:id/:id',
  ])
})
