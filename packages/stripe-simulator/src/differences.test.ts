import { expect, test } from 'vitest'
import { differences } from './differences.ts'

test('only what changed is shown, with its old value', () => {
  expect(differences({ a: 1, b: 2 }, { a: 1, b: 3 })).toEqual({ b: 2 })
  expect(differences({ a: 1 }, { a: 1 })).toEqual({})
})

test('objects inside are compared part by part, and lists as wholes', () => {
  const before = {
    items: { data: [{ price: 1 }, { price: 2 }], has_more: false },
    metadata: { a: '1', b: '2' },
  }
  const after = { items: { data: [{ price: 1 }, { price: 3 }], has_more: false }, metadata: { a: '1' } }
  expect(differences<object>(before, after)).toEqual({
    items: { data: [{ price: 1 }, { price: 2 }] },
    metadata: { b: '2' },
  })
})

test('what was not there before is shown as null', () => {
  expect(differences<object>({ pending: null }, { pending: { at: 1 } })).toEqual({ pending: null })
  expect(differences<object>({}, { colour: 'red' })).toEqual({ colour: null })
})
