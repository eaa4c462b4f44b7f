import { defineEvent } from '../define-event.ts'
import { serverSchema } from '../server.ts'

/** Trying again will not help; the message says what a person can do. */
export const serverFailed = defineEvent({
  type: 'server.failed',
  stream: 'SERVER',
  version: 1,
  data: serverSchema,
})
