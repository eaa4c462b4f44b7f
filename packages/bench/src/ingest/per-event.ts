import { randomUUID } from 'node:crypto'
import { adapter } from '@spawnpoint/database'
import { PrismaClient } from '../generated/client.ts'
import { serveWebhooks } from './serve-webhooks.ts'

const url = process.env.DATABASE_URL
if (!url) throw new Error('DATABASE_URL is needed')
const prisma = new PrismaClient({ adapter: adapter(url) })

// The obvious approach: the event and its outbox row in one transaction for each webhook.
serveWebhooks(async (body) => {
  const event = JSON.parse(body.toString()) as StripeEvent
  const now = new Date()
  await prisma.$transaction([
    prisma.stripeEvent.create({
      data: {
        eventId: event.id,
        type: event.type,
        apiVersion: event.api_version,
        livemode: event.livemode,
        created: new Date(event.created * 1_000),
        body,
        receivedAt: now,
        source: 'webhook',
        nextAttemptAt: now,
      },
    }),
    prisma.outbox.create({
      data: {
        eventId: randomUUID(),
        key: event.data.object.id,
        subject: 'payment.succeeded',
        envelope: JSON.stringify(paymentOf(event)),
        createdAt: now,
        nextAttemptAt: now,
      },
    }),
  ])
})

type StripeEvent = {
  id: string
  type: string
  api_version: string
  livemode: boolean
  created: number
  data: { object: { id: string; amount_total: number; currency: string; metadata: Record<string, string> } }
}

function paymentOf({ id, data: { object } }: StripeEvent) {
  const { amount_total: amount, currency, metadata } = object
  return { specversion: '1.0', type: 'payment.succeeded', cause: id, data: { amount, currency, metadata } }
}
