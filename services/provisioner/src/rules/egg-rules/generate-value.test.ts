import { describe, expect, test } from 'vitest'
import { eggVariable } from '../../../test/panel-egg.ts'
import { checkEnvironment } from './check-environment.ts'
import { generateValue } from './generate-value.ts'

describe('a generated password', () => {
  test.each([
    'required|string',
    'required|string|max:20',
    'required|regex:/^[\\w.-]*$/|max:64',
    'required|string|size:10',
    'required|string|between:8,12',
    'required|string|min:32',
    'required|alpha_num|max:16',
    'required|alpha',
    'required|integer|digits:8',
    'required|numeric|digits_between:8,10',
    'required|string|lowercase',
    'required|regex:/^[A-Z0-9]{12}$/',
    'required|regex:/^(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9]).{8,}$/',
    'required|regex:/^(?=.*[\\W_]).{8,}$/',
    'nullable|string',
    '',
  ])('satisfies %s', (rules) => {
    const variable = eggVariable({ rules })
    const value = generateValue(variable, { generate: 'password' })
    expect(value?.length).toBeGreaterThanOrEqual(8)
    expect(checkEnvironment([variable], { ODD: value ?? '' })).toEqual([])
  })

  test('has the length and the characters that the plan asks for', () => {
    const variable = eggVariable({ rules: 'required|string' })
    const wanted = { generate: 'password', length: 12 } as const
    expect(generateValue(variable, wanted)).toMatch(/^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z\d]{12}$/)
    expect(generateValue(variable, { ...wanted, characters: 'digits' })).toMatch(/^\d{12}$/)
    expect(generateValue(variable, { ...wanted, characters: 'lower_digits' })).toMatch(/^[a-z\d]{12}$/)
    expect(generateValue(variable, { ...wanted, characters: 'letters' })).toMatch(/^[A-Za-z]{12}$/)
  })

  test.each([
    ['a choice of the egg', 'required|in:easy,hard', {}],
    ['a PIN', 'required|digits:4', {}],
    ['a length that the egg refuses', 'required|max:10', { length: 16 }],
    ['characters that the egg refuses', 'required|integer', { characters: 'letters' }],
  ] as const)('is none for %s', (_, rules, wanted) => {
    expect(generateValue(eggVariable({ rules }), { generate: 'password', ...wanted })).toBeNull()
  })

  test('is another one each time', () => {
    const some = Array.from({ length: 100 }, () => generateValue(eggVariable(), { generate: 'password' }))
    expect(new Set(some).size).toBe(100)
  })
})
