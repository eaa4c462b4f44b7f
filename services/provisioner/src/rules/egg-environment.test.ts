import { expect, test } from 'vitest'
import { eggEnvironment } from './egg-environment.ts'

const variable = (name: string, default_value: string | null) => ({
  name,
  env_variable: name,
  default_value,
  rules: 'nullable|string',
})
const egg = {
  id: 1,
  docker_image: null,
  docker_images: {},
  startup: '',
  relationships: {
    variables: [variable('A', 'egg'), variable('B', 'egg'), variable('C', 'egg'), variable('D', null)],
  },
}

test('the order overrides the plan, the plan overrides the egg, and every variable is sent', () => {
  expect(eggEnvironment(egg, { B: 'plan', C: 'plan' }, { C: 'order', OTHER: 'dropped' })).toEqual({
    A: 'egg',
    B: 'plan',
    C: 'order',
    D: '',
  })
})
