import { defineEvent } from '../define-event.ts'
import { subscriptionSchema } from '../subscription.ts'

/** It is over, for good: nothing more will be paid. */
export const subscriptionEnded = defineEvent({
  type: 'subscription.ended',
  stream: 'BILLING',
  version: 1,
  data: subscriptionSchema,
})
