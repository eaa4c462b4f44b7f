import { expect, test } from 'vitest'
import { natsOptions } from './nats-url.ts'

test.each([
  ['nats://127.0.0.1:4222', { servers: ['127.0.0.1:4222'] }],
  ['127.0.0.1:4222', { servers: ['127.0.0.1:4222'] }],
  ['nats://one:4222, nats://two:4333', { servers: ['one:4222', 'two:4333'] }],
  ['nats://shop:p%40ss@one', { servers: ['one'], user: 'shop', pass: 'p@ss' }],
  ['nats://secret@one:4222', { servers: ['one:4222'], token: 'secret' }],
  ['tls://one:4222', { servers: ['one:4222'], tls: {} }],
  ['tls://one:4222?ca=/etc/ca.pem', { servers: ['one:4222'], tls: { caFile: '/etc/ca.pem' } }],
  [
    'tls://one?ca=/ca.pem&cert=/own.pem&key=/own-key.pem,tls://two',
    {
      servers: ['one', 'two'],
      tls: { caFile: '/ca.pem', certFile: '/own.pem', keyFile: '/own-key.pem' },
    },
  ],
])('%s is understood', (url, options) => {
  expect(natsOptions(url)).toEqual(options)
})

test.each([
  ['nats://user:hush@:x', 'a port that is no number'],
  ['nats://user:hush@one:x', 'a port that is no number'],
  ['nats://user:hush/er@one', '/ ? #'],
  ['nats://user:hush@', 'no host'],
  ['http://user:hush@one', 'does not begin with nats:// or tls://'],
  ['nats://user:hush@one?tls=true', 'the unknown parameter tls'],
  ['nats://user:hush@one?ca=/etc/ca.pem', 'which only tls:// uses'],
  ['tls://user:hush@one?cert=/etc/own.pem', 'one of cert and key'],
])('%s is refused without repeating its password', (url, why) => {
  expect(() => natsOptions(url)).toThrow(why)
  expect(() => natsOptions(url)).toThrow(/^(?!.*hush)/)
})
