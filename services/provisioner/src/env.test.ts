import { readEnv } from '@spawnpoint/service-kit'
import { expect, test } from 'vitest'
import { envSchema } from './env.ts'

test('a key for the panel that no header can hold is refused at the start, and not quoted', () => {
  const token = 'ptla_TOPSECRET\nnext'
  expect(() => read(token)).toThrow(/PANEL_TOKEN: must be visible ASCII/)
  expect(() => read(token)).not.toThrow(/TOPSECRET/)
  expect(() => read('ptla_...')).toThrow(/PANEL_TOKEN: must be a key of your panel/)
  expect(read('ptla_1').PANEL_TOKEN).toBe('ptla_1')
})

function read(PANEL_TOKEN: string) {
  return readEnv(envSchema, {
    DATABASE_URL: 'mysql://user@127.0.0.1/provisioner',
    NATS_URL: 'nats://127.0.0.1',
    API_KEYS: 'shop:test-secret-0123456789',
    PANEL_URL: 'https://panel.example',
    PANEL_TOKEN,
  })
}
