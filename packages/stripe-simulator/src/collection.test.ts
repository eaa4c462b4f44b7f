import { expect, test } from 'vitest'
import { createCollection } from './collection.ts'

const numbers = createCollection<{ id: string; odd: boolean }>()
for (let n = 1; n <= 5; n++) numbers.save({ id: `n${n}`, odd: n % 2 === 1 })
const ids = (page: { data: { id: string }[] }) => page.data.map(({ id }) => id).join(' ')

test('pages go from new to old, and with ending_before end right before it', () => {
  expect(ids(numbers.page({ limit: 2 }))).toBe('n5 n4')
  expect(ids(numbers.page({ limit: 2, starting_after: 'n4' }))).toBe('n3 n2')
  expect(ids(numbers.page({ limit: 2, ending_before: 'n2' }))).toBe('n4 n3')
  expect(ids(numbers.page({ ending_before: 'n5' }))).toBe('')
})

test('more means more of what was wanted', () => {
  expect(numbers.page({ limit: 3 }, ({ odd }) => odd)).toMatchObject({ has_more: false })
  expect(numbers.page({ limit: 2 }, ({ odd }) => odd)).toMatchObject({ has_more: true })
  expect(numbers.page({ limit: 2, ending_before: 'n3' })).toMatchObject({ has_more: false })
  expect(numbers.page({ limit: 1, ending_before: 'n3' })).toMatchObject({ has_more: true })
})

test('saving again changes an object where it stands', () => {
  numbers.save({ id: 'n3', odd: false })
  expect(ids(numbers.page({}))).toBe('n5 n4 n3 n2 n1')
  expect(numbers.get('n3')?.odd).toBe(false)
})

test('what is removed is gone, and its neighbours stand side by side', () => {
  expect(numbers.remove('n2')).toBe(true)
  expect(numbers.remove('n2')).toBe(false)
  expect(ids(numbers.page({}))).toBe('n5 n4 n3 n1')
  expect(ids(numbers.page({ ending_before: 'n3' }))).toBe('n5 n4')
  expect(numbers.get('n2')).toBeUndefined()
})
