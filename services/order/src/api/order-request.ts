import { z } from '@hono/zod-openapi'
import { emailSchema } from '@spawnpoint/contracts'
import { asciiEmail, isAscii } from '@spawnpoint/service-kit'

const maxEnvironmentBytes = 16 * 1024

// PHP refuses a body with half a character in it.
const text = z.string().overwrite((text) => text.toWellFormed())
export const nameSchema = text
  .trim()
  .min(1)
  .max(191)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u, 'without line breaks and other control characters')
const environment = z
  .record(z.string().regex(/^\w{1,191}$/, 'an egg variable has letters, digits and _ alone'), text.max(1000))
  .refine((all) => Buffer.byteLength(JSON.stringify(all)) <= maxEnvironmentBytes, '16 KB in all at most')
const requested = {
  plan: z.string().min(1).max(64),
  region: z.string().min(1).max(64),
  server_name: nameSchema,
}
// The panel is given it with its domain in ASCII, which is longer: 191 characters are what it takes.
const email = emailSchema.refine((given) => {
  const ascii = asciiEmail(given)
  return ascii.length <= 191 && isAscii(ascii.slice(ascii.lastIndexOf('@')))
}, 'the domain has no form in ASCII of a length that mail servers take')
// It stands in a path of the panel's, where these two are not names.
const customerId = nameSchema.refine((id) => id !== '.' && id !== '..', 'neither . nor ..')

export const customerSchema = z.strictObject({
  id: customerId.nullable().default(null),
  email,
  name: nameSchema,
})

/** `server_name` is what the customer calls the server; `environment` are egg variables, those that the egg or the plan lets an order set. */
export const orderRequestSchema = z
  .strictObject({
    ...requested,
    customer: customerSchema,
    environment: environment.default({}),
  })
  .openapi('OrderRequest')

/**
 * What is given replaces what the order says; `environment` as a whole. `accept_amount`: what was paid counts as the price, whatever
 * the plan costs; `reason` is kept in the order's history with the name of the API key.
 */
export const correctionSchema = z
  .strictObject({
    ...requested,
    customer_email: email,
    environment,
    accept_amount: z.boolean(),
    reason: z.string().trim().min(1).max(500),
  })
  .partial()
  .refine(({ accept_amount, reason }) => !accept_amount || reason !== undefined, {
    path: ['reason'],
    error: 'say why the amount is accepted',
  })
  .openapi('Correction')
