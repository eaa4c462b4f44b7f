import type { OrderState } from '@spawnpoint/contracts'
import { expect, test } from 'vitest'
import { panelEgg } from '../../test/panel-egg.ts'
import { panelServer } from '../../test/panel-server.ts'
import { settledWith } from './generated-values.ts'
import { planSpecSchema } from './plan-spec.ts'
import { buildBody, startupBody } from './resize-body.ts'

const limits = { memory: 2048, disk: 10240 }
const small = settledWith(planSpecSchema.parse({ ptero_egg_id: 1, limits, environment: { SLOTS: '10' } }), {})
const found = panelServer({
  egg: 1,
  limits: { memory: 1024, swap: 0, disk: 5120, io: 500, cpu: 100, threads: '0-3', oom_disabled: true },
  container: {
    startup_command: 'by hand',
    image: 'java_17',
    environment: { VERSION: '1.20', SLOTS: '10', MOTD: null, P_SERVER_UUID: 'u' },
  },
})
const egg = panelEgg({
  docker_images: { 'Java 21': 'java_21' },
  startup: 'java -jar',
  variables: [
    { env_variable: 'VERSION', default_value: 'latest' },
    { env_variable: 'SLOTS', default_value: '5' },
    { env_variable: 'MOTD', default_value: '' },
  ],
})

test('the panel is sent everything that it would otherwise reset, as the server has it', () => {
  expect(buildBody(found, small)).toEqual({
    allocation: 5,
    oom_disabled: true,
    limits: { memory: 2048, swap: 0, disk: 10240, io: 500, cpu: 0, threads: '0-3' },
    feature_limits: { databases: 0, backups: 0, allocations: 0 },
  })
})

test('a larger plan leaves the startup of the server unchanged', () => {
  expect(startup({ spec: { ...small, limits: { ...small.limits, memory: 4096 } } })).toBeNull()
})

test('fields that the plan changes are changed, those set by hand stay', () => {
  expect(startup({ spec: { ...small, environment: { SLOTS: '20' } } })).toEqual({
    egg: 1,
    image: 'java_17',
    startup: 'by hand',
    environment: { VERSION: '1.20', SLOTS: '20', MOTD: '' },
    skip_scripts: false,
  })
})

test("fields that the plan no longer sets return to the egg's", () => {
  expect(startup({ spec: { ...small, environment: {} } })).toMatchObject({ environment: { SLOTS: '5' } })
})

test("the order's own settings win over the plan's", () => {
  const environment = { SLOTS: '30' }
  expect(startup({ environment })).toMatchObject({ environment: { VERSION: '1.20', SLOTS: '30' } })
})

test('another image or startup of the plan is applied', () => {
  expect(startup({ spec: { ...small, docker_image: 'java_8' } })).toMatchObject({ image: 'java_8' })
  expect(startup({ spec: { ...small, startup: 'java -server' } })).toMatchObject({ startup: 'java -server' })
})

test('another game begins with its own image, start and settings', () => {
  const spec = { ...small, ptero_egg_id: 2, environment: {} }
  expect(startup({ spec })).toMatchObject({
    egg: 2,
    image: 'java_21',
    startup: 'java -jar',
    environment: { VERSION: 'latest', SLOTS: '5', MOTD: '' },
  })
})

function startup({
  spec = small,
  environment = {},
}: {
  spec?: typeof small
  environment?: OrderState['environment']
}) {
  const order = { environment }
  return startupBody({ found, egg, order, spec, built: { environment: {} }, specBefore: small })
}
