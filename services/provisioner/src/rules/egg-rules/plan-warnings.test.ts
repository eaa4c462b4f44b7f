import { expect, test } from 'vitest'
import { panelEgg } from '../../../test/panel-egg.ts'
import { planSpecSchema } from '../plan-spec.ts'
import { planWarnings } from './plan-warnings.ts'

const limits = { memory: 1, disk: 1 }
const rust = panelEgg({
  variables: [
    { env_variable: 'RCON_PORT', default_value: '28016', user_editable: false },
    { env_variable: 'APP_PORT', default_value: '0' },
    { env_variable: 'queryPort', default_value: '27015' },
    { env_variable: 'SERVER_PORT', default_value: '25565' },
    { env_variable: 'IMPORT_MAP', default_value: '1' },
    { env_variable: 'RCON_PASS', default_value: '' },
    { env_variable: 'ADMIN_PASSWORD', default_value: 'change-me' },
    { env_variable: 'PASSENGERS', default_value: '4' },
  ],
})

test('ports and passwords that all servers of a plan would share are named, with what to set', () => {
  expect(warnings({ environment: { RCON_PASS: 'one-for-all' } })).toEqual([
    expect.stringMatching(/RCON_PORT .*28016.*\{"variable": "RCON_PORT"\} under ports/),
    expect.stringMatching(/queryPort .*27015/),
    expect.stringMatching(/RCON_PASS is the same for all customers.*\{"generate": "password"\}/),
    expect.stringMatching(/ADMIN_PASSWORD is the egg's default.*\{"generate": "password"\}/),
  ])
})

test('a plan with ports of its own and generated passwords has no warnings', () => {
  const generate = { generate: 'password' }
  const ports = [{ variable: 'RCON_PORT' }, { variable: 'queryPort', offset: 1 }]
  expect(warnings({ ports, environment: { RCON_PASS: generate, ADMIN_PASSWORD: generate } })).toEqual([])
})

test('a port that the plan itself fixes is named too', () => {
  const ports = [{ variable: 'RCON_PORT' }]
  const environment = { queryPort: '27020', ADMIN_PASSWORD: '' }
  expect(warnings({ ports, environment })).toEqual([expect.stringContaining('27020')])
})

function warnings(changes: object) {
  return planWarnings(rust, planSpecSchema.parse({ ptero_egg_id: 1, limits, ...changes }))
}
