import { defineEvent } from '../define-event.ts'
import { serverSchema } from '../server.ts'

/** The server is installed and ready for the customer; once more, with a higher version, when its node or its address is another one. */
export const serverProvisioned = defineEvent({
  type: 'server.provisioned',
  stream: 'SERVER',
  version: 1,
  data: serverSchema,
})
