import { z } from 'zod'
import { emailSchema } from './email.ts'

/** `id` is the shop's own id of the customer, where it has one. */
export const customerSchema = z.object({
  id: z.string().min(1).max(191).nullable(),
  email: emailSchema,
  name: z.string().min(1).max(191),
})
export type Customer = z.infer<typeof customerSchema>

/** In place of a customer who was forgotten. `.invalid` is nobody's (RFC 2606). */
export const forgottenCustomer: Customer = {
  id: null,
  email: 'forgotten@customer.invalid',
  name: 'Forgotten customer',
}
