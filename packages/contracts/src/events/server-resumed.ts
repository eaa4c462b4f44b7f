import { defineEvent } from '../define-event.ts'
import { serverSchema } from '../server.ts'

/** It was suspended, and the customer can start it again. */
export const serverResumed = defineEvent({
  type: 'server.resumed',
  stream: 'SERVER',
  version: 1,
  data: serverSchema,
})
