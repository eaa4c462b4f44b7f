import { serveWebhooks } from './serve-webhooks.ts'

// Stores nothing: as fast as one process of Node with Hono can tell a webhook from a forgery.
serveWebhooks(() => {})
