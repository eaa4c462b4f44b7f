import { defineEvent } from '../define-event.ts'
import { serverSchema } from '../server.ts'

/** It has the limits and settings of its plan, which was another one before, or what kept it from them is over. */
export const serverResized = defineEvent({
  type: 'server.resized',
  stream: 'SERVER',
  version: 1,
  data: serverSchema.required({ plan: true }),
})
