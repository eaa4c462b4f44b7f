import { expect, test } from 'vitest'
import { jsonWithoutSecrets, plainWithoutSecrets } from './without-secrets.ts'

const hide = (value: unknown) => JSON.parse(jsonWithoutSecrets(value) ?? 'null')

test('what is named like a secret is hidden, at any depth; whether there is one is not', () => {
  expect(
    hide({
      panel: { token: 'abc', has_token: true, url: 'https://panel.example.com' },
      environment: { RCON_PASSWORD: 'hunter2', OTHER_SECRET: { value: 'x', length: 1 }, LEVEL: 'world' },
      api_keys: ['one', 'two'],
    }),
  ).toEqual({
    panel: { token: '[secret]', has_token: true, url: 'https://panel.example.com' },
    environment: {
      RCON_PASSWORD: '[secret]',
      OTHER_SECRET: { value: '[secret]', length: '[secret]' },
      LEVEL: 'world',
    },
    api_keys: ['[secret]', '[secret]'],
  })
})

test.each([
  'ptla_abc',
  'ptlc_abc',
  'pacc_abc',
  'papp_abc',
  'peli_abc',
  'plcn_abc',
  'sk_live_abc',
  'rk_test_abc',
  'whsec_abc',
])('%s is hidden wherever it stands', (secret) => {
  expect(hide({ note: `the key ${secret} was wrong` })).toEqual({ note: 'the key [secret] was wrong' })
  expect(plainWithoutSecrets(`/admin/secrets/${secret}`)).toBe('/admin/secrets/[secret]')
})

test('times, large numbers and nothing are kept as JSON can', () => {
  expect(hide({ at: new Date(0), seq: 9_007_199_254_740_993n, none: null })).toEqual({
    at: '1970-01-01T00:00:00.000Z',
    seq: '9007199254740993',
    none: null,
  })
  expect(jsonWithoutSecrets(null)).toBeNull()
})

test('what is too long for the log is told by its length', () => {
  expect(hide({ text: 'x'.repeat(70_000) })).toEqual({ too_long: 70_011 })
})

test('control characters of a path do not reach a terminal', () => {
  expect(plainWithoutSecrets('/admin/plans/\u001b[2J\u202e')).toBe('/admin/plans/%1B[2J%E2%80%AE')
})
