import { defineEvent } from '../define-event.ts'
import { subscriptionSchema } from '../subscription.ts'

/** It began, was paid, fell behind, changed its plan, is to end, or is to go on after all. */
export const subscriptionChanged = defineEvent({
  type: 'subscription.changed',
  stream: 'BILLING',
  version: 1,
  data: subscriptionSchema,
})
