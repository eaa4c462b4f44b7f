import { startStripe } from './start-stripe.ts'

const {
  PORT,
  HOST,
  PUBLIC_URL,
  STRIPE_SECRET_KEY,
  STRIPE_WEBHOOK_SECRET,
  WEBHOOK_URL,
  WEBHOOK_EVENTS,
  TIME_SCALE,
} = process.env

const stripe = await startStripe({
  port: Number(PORT ?? 0),
  timeScale: Number(TIME_SCALE ?? 1),
  ...(HOST && { host: HOST }),
  ...(PUBLIC_URL && { publicUrl: PUBLIC_URL }),
  ...(STRIPE_SECRET_KEY && { secretKey: STRIPE_SECRET_KEY }),
  ...(STRIPE_WEBHOOK_SECRET && { webhookSecret: STRIPE_WEBHOOK_SECRET }),
  ...(WEBHOOK_URL && {
    webhooks: [{ url: WEBHOOK_URL, ...(WEBHOOK_EVENTS && { events: WEBHOOK_EVENTS.split(',') }) }],
  }),
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stripe.close())

const { url, secretKey, webhookSecret } = stripe
console.log(JSON.stringify({ url, secretKey, webhookSecret }))
