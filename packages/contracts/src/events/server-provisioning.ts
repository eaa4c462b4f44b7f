import { defineEvent } from '../define-event.ts'
import { serverSchema } from '../server.ts'

/** The panel has the server and installs it. */
export const serverProvisioning = defineEvent({
  type: 'server.provisioning',
  stream: 'SERVER',
  version: 1,
  data: serverSchema,
})
