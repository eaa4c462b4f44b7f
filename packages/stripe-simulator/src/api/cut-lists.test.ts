import { expect, test } from 'vitest'
import { cutLists } from './cut-lists.ts'

const list = (length: number) => ({
  object: 'list',
  data: Array.from({ length }, (_, index) => ({ id: index })),
  has_more: false,
})

test('a list of ten stays, and one of eleven is cut with has_more, however deep it is', () => {
  const whole = { lines: list(10) }
  expect(cutLists(whole)).toBe(whole)
  const cut = cutLists({ latest_invoice: { id: 'in_1', lines: list(11) } })
  expect(cut.latest_invoice.lines).toMatchObject({ has_more: true })
  expect(cut.latest_invoice.lines.data).toHaveLength(10)
})

test('the items of what an update changed have no has_more, and are cut all the same', () => {
  expect(cutLists({ items: { data: list(20).data } })).toEqual({ items: { data: list(10).data } })
})
