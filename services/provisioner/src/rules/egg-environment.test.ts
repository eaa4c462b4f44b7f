import { expect, test } from 'vitest'
import { panelEgg } from '../../test/panel-egg.ts'
import { eggEnvironment } from './egg-environment.ts'

const egg = panelEgg({
  variables: [
    { env_variable: 'A', default_value: 'egg' },
    { env_variable: 'B', default_value: 'egg' },
    { env_variable: 'C', default_value: 'egg' },
    { env_variable: 'D', default_value: null },
  ],
})

test('the order overrides the plan, the plan overrides the egg, and every variable is sent', () => {
  expect(eggEnvironment(egg, { B: 'plan', C: 'plan' }, { C: 'order', OTHER: 'dropped' })).toEqual({
    A: 'egg',
    B: 'plan',
    C: 'order',
    D: '',
  })
})
