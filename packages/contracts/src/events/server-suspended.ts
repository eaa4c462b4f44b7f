import { defineEvent } from '../define-event.ts'
import { serverSchema } from '../server.ts'

/** Nothing of it runs: suspended on the panel, or not there. Once more when it is moved meanwhile. */
export const serverSuspended = defineEvent({
  type: 'server.suspended',
  stream: 'SERVER',
  version: 1,
  data: serverSchema,
})
