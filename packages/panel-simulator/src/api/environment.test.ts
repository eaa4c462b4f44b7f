import { expect, test } from 'vitest'
import { demoPanel } from '../demo-panel.ts'
import { ValidationError } from '../http/errors.ts'
import { createTables, fill } from '../tables/tables.ts'
import { readEnvironment } from './environment.ts'

test('a missing variable is validated as null and stored as empty, whatever the default of the egg', () => {
  const egg = eggWith('nullable|string')
  expect([...readEnvironment(egg, {}).values()]).toEqual([''])
})

test('a rule that allows neither null nor absence fails on a missing variable', () => {
  expect(() => readEnvironment(eggWith('string|max:20'), {})).toThrow(ValidationError)
  expect(() => readEnvironment(eggWith('required|string'), {})).toThrow(ValidationError)
})

test('a variable that the egg does not know is dropped', () => {
  const values = readEnvironment(eggWith('required|string'), { SLOTS: '12', UNKNOWN: 'x' })
  expect([...values.values()]).toEqual(['12'])
})

function eggWith(rules: string) {
  const tables = createTables({ now: Date.now })
  fill(tables, demoPanel())
  return tables.addEgg({
    id: 9,
    nest_id: 1,
    name: 'Mine',
    docker_images: {},
    startup: './mine',
    variables: [{ id: 90, name: 'Slots', env_variable: 'SLOTS', default_value: '5', rules }],
  })
}
