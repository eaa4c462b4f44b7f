import { expect, test } from 'vitest'
import { natsOptions } from './nats-url.ts'

test.each([
  ['nats://127.0.0.1:4222', { servers: ['127.0.0.1:4222'] }],
  ['127.0.0.1:4222', { servers: ['127.0.0.1:4222'] }],
  ['nats://one:4222, nats://two:4333', { servers: ['one:4222', 'two:4333'] }],
  ['nats://shop:p%40ss@one', { servers: ['one'], user: 'shop', pass: 'p@ss' }],
  ['nats://secret@one:4222', { servers: ['one:4222'], token: 'secret' }],
  ['tls://one:4222', { servers: ['one:4222'], tls: {} }],
])('%s is understood', (url, options) => {
  expect(natsOptions(url)).toEqual(options)
})

test('what is no URL is refused without repeating its password', () => {
  expect(() => natsOptions('nats://user:hush@:x')).toThrow(/^(?!.*hush).*nats:\/\/user:password@host:4222/)
})
