import { expect, test } from 'vitest'
import { panelEgg } from '../../../test/panel-egg.ts'
import { planSpecSchema } from '../plan-spec.ts'
import { refusedVariables } from './may-set.ts'

const egg = panelEgg({
  variables: [
    { env_variable: 'MOTD' },
    { env_variable: 'maxplayers' },
    { env_variable: 'bot_token', user_editable: false },
    { env_variable: 'RCON_PORT', user_editable: false },
    { env_variable: 'SLOTS' },
  ],
})
const limits = { memory: 1, disk: 1 }
const plan = {
  ptero_egg_id: 1,
  limits,
  environment: { SLOTS: '10' },
  ports: [{ variable: 'RCON_PORT' }],
}

test('an order may set what the egg lets customers edit', () => {
  expect(refused({ MOTD: 'a', maxplayers: '5' })).toEqual([])
})

test.each([
  ['a variable that the egg keeps from customers', 'bot_token', 'user_editable', false],
  ['a variable that the plan sets', 'SLOTS', 'The plan sets SLOTS', false],
  ['a port', 'RCON_PORT', 'receives a port', true],
  ['a variable that the egg does not have', 'NOT_THERE', 'no variable NOT_THERE.', true],
  ['a variable in other letters', 'MAX_PLAYERS', 'it has maxplayers', true],
  ['a name that every object has', 'constructor', 'no variable constructor.', true],
])('%s is refused by name, with the reason', (_, variable, reason, isWithoutEffect) => {
  const message = expect.stringContaining(reason)
  expect(refused({ [variable]: '1' })).toEqual([{ variable, message, isWithoutEffect }])
})

test('a plan may open what the egg or itself has closed, but no port', () => {
  const may_set = ['bot_token', 'SLOTS', 'RCON_PORT']
  expect(refused({ bot_token: 'x', SLOTS: '20' }, { may_set })).toEqual([])
  expect(refused({ RCON_PORT: '1' }, { may_set })).toHaveLength(1)
})

function refused(environment: Record<string, string>, changes: object = {}) {
  return refusedVariables(egg, planSpecSchema.parse({ ...plan, ...changes }), environment)
}
