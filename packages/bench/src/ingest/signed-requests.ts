import { createHmac } from 'node:crypto'
import { checkoutSession, eventBody, stripeEvent } from '@spawnpoint/stripe-simulator'
import { sold } from '../sale-path/catalogue.ts'

export type SignedRequests = {
  bodyBytes: number
  /** Signs the next `count` now, so that sending them costs nothing but the sending. */
  prepare(count: number): void
  /** A request that nobody was given yet. Its bytes are good until some 65,000 others were given. */
  next(): { number: number; bytes: Buffer }
}

const kept = 65_536

/** Webhooks of distinct payments, whole HTTP requests as Stripe sends them. */
export function signedRequests(secret: string): SignedRequests {
  const { blank, body, signature } = blankRequest()
  const places = placesOf(nobody, blank)
  const slots: Buffer[] = []
  let given = 0
  let prepared = 0

  function sign(number: number): Buffer {
    const request = slots[number % kept] ?? Buffer.from(blank)
    slots[number % kept] = request
    for (const place of places) request.write(eventNumber(number), place, 'latin1')
    const timestamp = String(Math.floor(Date.now() / 1_000))
    const hmac = createHmac('sha256', secret).update(`${timestamp}.`).update(request.subarray(body))
    request.write(`t=${timestamp},v1=${hmac.digest('hex')}`, signature, 'latin1')
    return request
  }

  return {
    bodyBytes: blank.length - body,
    prepare(count) {
      prepared = given + Math.min(count, kept)
      for (let number = given; number < prepared; number++) sign(number)
    },
    next() {
      const number = given++
      return { number, bytes: (number < prepared ? slots[number % kept] : undefined) ?? sign(number) }
    },
  }
}

export function eventIdOf(number: number): string {
  return `evt_${eventNumber(number)}`
}

function eventNumber(number: number): string {
  return String(number).padStart(nobody.length, '0')
}

// Stands in the blank for the number of the event.
const nobody = 'xxxxxxxxxxxxxx'

function blankRequest(): { blank: Buffer; body: number; signature: number } {
  const body = eventBody(
    stripeEvent(
      'checkout.session.completed',
      checkoutSession({
        id: `cs_test_${nobody}`,
        payment_intent: `pi_${nobody}`,
        amount_total: sold.amount,
        currency: sold.currency,
        metadata: { plan: sold.plan, region: sold.region },
      }),
      { id: `evt_${nobody}` },
    ),
  )
  const signature = `t=${'0'.repeat(10)},v1=${'0'.repeat(64)}`
  const head = [
    'POST /webhooks/stripe HTTP/1.1',
    'host: spawnpoint.example.com',
    'user-agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)',
    'accept: */*; q=0.5, application/xml',
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    `stripe-signature: ${signature}`,
  ].join('\r\n')
  const blank = Buffer.from(`${head}\r\n\r\n${body}`)
  return { blank, body: blank.length - Buffer.byteLength(body), signature: head.indexOf(signature) }
}

function placesOf(text: string, bytes: Buffer): number[] {
  const places: number[] = []
  for (let place = bytes.indexOf(text); place !== -1; place = bytes.indexOf(text, place + 1))
    places.push(place)
  return places
}
