import { createHash } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { z } from 'zod'
import { baseEnv, readEnv, scopes } from '../src/index.ts'

const schema = z.object({ API_KEYS: baseEnv.API_KEYS })
const read = (API_KEYS: string) => readEnv(schema, { API_KEYS }).API_KEYS

const secret = 'f3a9c17e5b20d846'
const sha256 = createHash('sha256').update(secret).digest('hex')

test('API keys are read with their scopes, their last day and their hash', () => {
  const [shop, ops, old] = read(
    `shop:scopes=orders:expires=2027-01-31:sha256=${sha256}, ops:scopes=read+operate:${secret},old:a:b=c${secret}`,
  )
  expect(shop).toEqual({
    name: 'shop',
    sha256: Buffer.from(sha256, 'hex'),
    scopes: new Set(['orders']),
    expiresAt: new Date('2027-02-01T00:00:00Z'),
    isUnscoped: false,
  })
  expect(ops).toMatchObject({ scopes: new Set(['read', 'operate']), expiresAt: null })
  expect(ops?.sha256.toString('hex')).toBe(sha256)
  expect(old).toMatchObject({ isUnscoped: true, scopes: new Set(scopes) })
  expect(read(`${'n'.repeat(63)}:${secret}`)).toHaveLength(1)
})

test.each([
  ['a name twice', `shop:${secret},shop:${secret}`, 'has the name shop twice'],
  ['a name of 64 characters', `${'n'.repeat(64)}:${secret}`, 'names of 63 characters at most'],
  ['a short secret', 'shop:short', 'secrets of 16 characters'],
  ['a secret that is guessed', `shop:${'a'.repeat(40)}`, 'openssl rand -hex 24'],
  ['an unknown scope', `shop:scopes=orders+all:${secret}`, 'gives shop the scope "all"'],
  ['no scope', `shop:scopes=:${secret}`, 'gives shop the scope ""'],
  ['a day that is none', `shop:scopes=read:expires=2027-02-30:${secret}`, 'write a day as 2027-01-31'],
  ['an example', 'shop:change-me-before-going-live', 'openssl rand -hex 24'],
  ['the hash of nothing', `shop:sha256=${createHash('sha256').digest('hex')}`, 'the SHA-256 of nothing'],
  ['half a hash', `shop:sha256=${sha256.slice(1)}`, '64 hexadecimal digits'],
])('API keys with %s are refused', (_, keys, why) => {
  expect(() => read(keys)).toThrow(why)
})

test('an example for a password is refused, and not repeated', () => {
  const servers = z.object({ DATABASE_URL: baseEnv.DATABASE_URL, NATS_URL: baseEnv.NATS_URL })
  const NATS_URL = 'nats://order:f3a9c17e5b20d846@host:4222'
  const start = (password: string) =>
    readEnv(servers, { DATABASE_URL: `mysql://orders:${password}@host/orders`, NATS_URL })
  expect(() => start('CHANGEME-now')).toThrow(/DATABASE_URL: must have a password of its own/)
  expect(() => start('CHANGEME-now')).not.toThrow(/NATS_URL|CHANGEME/)
  expect(() => start('f3a9c17e5b20d846')).not.toThrow()
})

test('the former name of a variable is accepted with a warning, and the new one wins', () => {
  const warn = vi.spyOn(process.stderr, 'write').mockReturnValue(true)
  const batches = z.object({ MAX_BATCH: baseEnv.MAX_BATCH })
  expect(readEnv(batches, { MAX_LIST: '8' })).toEqual({ MAX_BATCH: 8 })
  expect(warn.mock.calls).toEqual([['MAX_LIST is deprecated: set MAX_BATCH instead\n']])
  expect(readEnv(batches, { MAX_LIST: '8', MAX_BATCH: '9' })).toEqual({ MAX_BATCH: 9 })
  expect(warn).toHaveBeenCalledTimes(1)
  warn.mockRestore()
})
