import { describe, expect, test } from 'vitest'
import { ValidationError } from '../http/errors.ts'
import { unique } from './rule.ts'
import { mustKnow, type Rules, validate } from './validate.ts'

describe('a rule applied to a value', () => {
  test.each([
    ['required', undefined, ['The limit field is required.']],
    ['required', null, ['The limit field is required.']],
    ['required', {}, ['The limit field is required.']],
    ['required|string|max:3', '', ['The limit field is required.']],
    ['present', null, []],
    ['present', undefined, ['The limit field must be present.']],
    ['nullable|string', null, []],
    ['string', null, ['The limit must be a string.']],
    ['string', undefined, []],
    [
      'string|max:3',
      1234,
      ['The limit must be a string.', 'The limit may not be greater than 3 characters.'],
    ],
    ['string|max:20', true, ['The limit must be a string.']],
    ['integer', '12', []],
    ['integer', 12.5, ['The limit must be an integer.']],
    ['integer', '012', ['The limit must be an integer.']],
    ['alpha_num:ascii', 'é', ['The limit may only contain letters and numbers.']],
    ['alpha_num', 'é', []],
    ['numeric|between:10,1000', '9', ['The limit must be between 10 and 1000.']],
    ['between:1,3', 'four', ['The limit must be between 1 and 3 characters.']],
    ['boolean', '1', []],
    ['boolean', 'yes', ['The limit field must be true or false.']],
    [
      'alpha_num|between:1,6',
      'late st',
      ['The limit may only contain letters and numbers.', 'The limit must be between 1 and 6 characters.'],
    ],
    ['in:recommended,latest', 'newest', ['The selected limit is invalid.']],
    ['regex:/^([\\w\\d._-]+)(\\.jar)$/', 'not a jar', ['The limit format is invalid.']],
    ['regex:/^[A-Z]+$/i', 'abc', []],
    ['bail|integer|min:9', 'x', ['The limit must be an integer.']],
    ['array', 'x', ['The limit must be an array.']],
  ])('%s of %j', (rules, value, texts) => {
    expect(problemsOf({ ...(value !== undefined && { limit: value }) }, [['limit', rules]])).toEqual(texts)
  })
})

test('a field may need another, or stand for it', () => {
  expect(problemsOf({ limits: { memory: 1 } }, [['limits.swap', 'required_with:limits']])).toEqual([
    'The limits.swap field is required when limits is present.',
  ])
  expect(problemsOf({}, [['swap', 'required_without:limits']])).toEqual([
    'The swap field is required when limits is not present.',
  ])
})

test('each item of a list is validated by itself', () => {
  expect(problemsOf({ port_range: ['25565', 25566] }, [['port_range.*', 'string']])).toEqual([
    'The port_range.1 must be a string.',
  ])
})

test('an invalid value is not looked up in the database', () => {
  const taken = unique(() => true)
  expect(problemsOf({ name: 1001 }, [['name', 'string', taken]])).toEqual(['The name must be a string.'])
  expect(problemsOf({ name: 'ord-1' }, [['name', 'string', taken]])).toEqual([
    'The name has already been taken.',
  ])
})

test('an egg with a rule or an expression that cannot be checked is refused', () => {
  expect(() => mustKnow('required|date_format:Y')).toThrow('date_format')
  expect(() => mustKnow('regex:/(/')).toThrow('Invalid regular expression')
  expect(() => mustKnow('required|nullable|string|max:20')).not.toThrow()
})

function problemsOf(input: object, rules: Rules): string[] {
  try {
    validate(input, rules)
  } catch (error) {
    if (error instanceof ValidationError) return error.problems.map(({ detail }) => detail)
    throw error
  }
  return []
}
