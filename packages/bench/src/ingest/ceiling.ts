import { serveWebhooks } from './serve-webhooks.ts'

// Stores nothing: as fast as one process of Node with Hono can distinguish a webhook from a forgery.
serveWebhooks(() => {})
