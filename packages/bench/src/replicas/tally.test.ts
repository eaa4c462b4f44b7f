import { expect, test } from 'vitest'
import { tally } from './tally.ts'

const paid = ['a', 'b']

test.each([
  ['each paid order has its server', ['a', 'b'], ['a', 'b'], { lost: 0, doubled: 0 }],
  ['a paid order without a server is lost', ['a', 'b'], ['a'], { lost: 1, doubled: 0 }],
  ['so is one that has a server and does not know it', ['a'], ['a', 'b'], { lost: 1, doubled: 0 }],
  ['a second server of an order is doubled', ['a', 'b'], ['a', 'b', 'b'], { lost: 0, doubled: 1 }],
  ['a third one counts again', ['a', 'b'], ['a', 'b', 'b', 'b'], { lost: 0, doubled: 2 }],
])('%s', (_, provisioned, onPanel, expected) => {
  expect(tally({ paid, provisioned, onPanel })).toEqual(expected)
})
