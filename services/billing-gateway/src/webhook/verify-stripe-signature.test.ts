import Stripe from 'stripe'
import { expect, test } from 'vitest'
import { refusalOf } from './verify-stripe-signature.ts'

const now = new Date('2026-11-27T12:00:00.700Z')
const nowS = Math.floor(now.getTime() / 1000)
const body = Buffer.from('{"id":"evt_1","name":"Zoë 🎮"}')
const [old, young] = ['whsec_old', 'whsec_young']

/** As Stripe's own package signs. */
function signed({ secret = young, timestamp = nowS } = {}): string {
  return Stripe.webhooks.generateTestHeaderString({ payload: body.toString(), secret, timestamp })
}

test.each([
  ['what Stripe signed with the secret', signed(), true],
  ['with the one before, while it is replaced', signed({ secret: old }), true],
  ['with both', `${signed({ secret: old })},${signed().split(',')[1]}`, true],
  ['beside another scheme', `${signed()},v0=${'0'.repeat(64)}`, true],
  ['with a stranger’s secret', signed({ secret: 'whsec_other' }), false],
  ['five minutes ago', signed({ timestamp: nowS - 299 }), true],
  ['longer ago', signed({ timestamp: nowS - 301 }), false],
  ['five minutes ahead', signed({ timestamp: nowS + 300 }), true],
  ['further ahead', signed({ timestamp: nowS + 302 }), false],
  ['for another time', signed().replace(/t=\d+/, `t=${nowS - 1}`), false],
  ['with two times', `t=${nowS - 400},${signed()}`, false],
  ['without a time', signed().replace(/t=\d+,/, ''), false],
  ['with a time that is none', signed().replace(/t=\d+/, 't=now'), false],
  ['with an empty signature', `t=${nowS},v1=`, false],
  ['only in another scheme', signed().replace('v1=', 'v0='), false],
  ['with nothing', '', false],
])('%s is taken or refused', (_, header, expected) => {
  expect(refusalOf(body, header, [young, old], now) === null).toBe(expected)
})

test('one byte more is another body', () => {
  expect(refusalOf(Buffer.concat([body, Buffer.from(' ')]), signed(), [young], now)).not.toBeNull()
})

const pretty = Buffer.from(JSON.stringify({ id: 'evt_1', name: 'Zoë 🎮' }, null, 2))
const signedPretty = Stripe.webhooks.generateTestHeaderString({
  payload: pretty.toString(),
  secret: young,
  timestamp: nowS,
})

test.each([
  ['a missing header', '', body, 'no_signature'],
  ['another secret', signed({ secret: 'whsec_other' }), body, 'other_secret'],
  ['a clock that is wrong', signed({ timestamp: nowS + 3_600 }), body, 'clock'],
  ['a body that was parsed and written again', signedPretty, body, 'body_changed'],
  ['another body', signedPretty, Buffer.from('{"id":"evt_2"}'), 'other_secret'],
  ['a body that is no JSON', signedPretty, Buffer.from('{'), 'other_secret'],
])('%s is told as the cause', (_, header, sent, cause) => {
  expect(refusalOf(sent, header, [young], now)).toBe(cause)
})
