import { defineEvent } from '../define-event.ts'
import { serverSchema } from '../server.ts'

/** Nothing of it is left on the panel, and nothing can come any more. */
export const serverTerminated = defineEvent({
  type: 'server.terminated',
  stream: 'SERVER',
  version: 1,
  data: serverSchema,
})
