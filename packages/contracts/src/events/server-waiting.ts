import { defineEvent } from '../define-event.ts'
import { serverSchema } from '../server.ts'

/** Nothing can be placed now; it goes on by itself when there is room. */
export const serverWaiting = defineEvent({
  type: 'server.waiting',
  stream: 'SERVER',
  version: 1,
  data: serverSchema,
})
