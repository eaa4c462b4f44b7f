import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { eventIdOf, signedRequests } from './signed-requests.ts'

const secret = 'whsec_bench'

test.each([
  ['ahead of time', 3],
  ['when it is asked for', 0],
])('each request is another whole, signed event, made %s', (_, ahead) => {
  const requests = signedRequests(secret)
  requests.prepare(ahead)
  for (const number of [0, 1, 2]) {
    const { bytes, ...given } = requests.next()
    expect(given.number).toBe(number)
    const { headers, body } = read(bytes)
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)))
    expect(headers['stripe-signature']).toBe(signatureOf(body, headers['stripe-signature'] ?? ''))
    const event = JSON.parse(body)
    const [, digits] = eventIdOf(number).split('_')
    expect([event.id, event.data.object.id]).toEqual([eventIdOf(number), `cs_test_${digits}`])
    expect(requests.bodyBytes).toBe(Buffer.byteLength(body))
  }
})

function read(bytes: Buffer) {
  const [head = '', body = ''] = bytes.toString().split('\r\n\r\n')
  const headers = Object.fromEntries(head.split('\r\n').map((line) => line.split(': ')))
  return { headers: headers as Record<string, string>, body }
}

function signatureOf(body: string, header: string): string {
  const timestamp = /^t=(\d{10}),/.exec(header)?.[1]
  return `t=${timestamp},v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`
}
