import { expect, test } from 'vitest'
import { mendOf } from './mend-of.ts'

test.each([
  ['Error: payment.succeeded was refused: maximum bytes exceeded', /raise STREAM_MAX_BYTES.*--max-bytes/],
  ['Error: payment.succeeded was refused: maximum messages exceeded', /--max-msgs=-1/],
  ['Error: payment.succeeded was refused: insufficient storage resources available', /free disk/],
  ['Error: payment.succeeded was refused: resource limits exceeded for account', /max_file/],
  ['Error: payment.succeeded was refused: message size exceeds maximum allowed', /--max-msg-size/],
  ['Error: payment.succeeded was refused: invalid operation on sealed stream', /set it back/],
  ['Unacknowledged: No stream acknowledged payment.succeeded within 2000 ms', /log of nats-server/],
  ['Unacknowledged: No stream accepts payment.succeeded: 503', /log of nats-server/],
  ['NatsError: Permissions Violation for Publish to "payment.succeeded"', /NATS_URL/],
  ['Error: something that nobody has seen', /nats stream info BILLING/],
])('%s', (error, mend) => {
  expect(mendOf(error, 'BILLING')).toMatch(mend)
})
