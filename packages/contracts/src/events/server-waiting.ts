import { defineEvent } from '../define-event.ts'
import { serverSchema } from '../server.ts'

/** What it waits for, in `error_message`: capacity, a panel or node that does not answer, a person. A server that stands keeps its status. */
export const serverWaiting = defineEvent({
  type: 'server.waiting',
  stream: 'SERVER',
  version: 1,
  data: serverSchema,
})
