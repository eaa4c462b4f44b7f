import { expect, test } from 'vitest'
import { parseForm } from './form.ts'

test('brackets become objects and lists', () => {
  expect(
    parseForm('line_items[0][price]=p1&line_items[1][price]=p2&line_items[0][quantity]=2&mode=payment'),
  ).toEqual({
    line_items: [{ price: 'p1', quantity: '2' }, { price: 'p2' }],
    mode: 'payment',
  })
  expect(parseForm('expand[]=a&expand[]=b')).toEqual({ expand: ['a', 'b'] })
  expect(parseForm('created%5Bgte%5D=5')).toEqual({ created: { gte: '5' } })
  expect(parseForm('')).toEqual({})
})

test('metadata keeps its numbered keys', () => {
  expect(parseForm('metadata[0]=a&metadata[1]=b')).toEqual({ metadata: { 0: 'a', 1: 'b' } })
})

test('nobody reaches the prototype', () => {
  const form = parseForm('__proto__[admin]=1&metadata[__proto__]=x')
  expect(Object.getPrototypeOf(form)).toBe(Object.prototype)
  expect({}).not.toHaveProperty('admin')
})
