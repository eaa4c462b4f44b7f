import { defineEvent } from '../define-event.ts'
import { driftSchema } from '../drift.ts'

/** The panel and the orders do not agree on a server, or no longer disagree. Its subject is the drift, not the order. */
export const serverDrifted = defineEvent({
  type: 'server.drifted',
  stream: 'SERVER',
  version: 1,
  data: driftSchema,
})
