import { z } from '@hono/zod-openapi'

// A field that Stripe may leave out, in some version or altogether, is null here.
export const id = z.string().min(1).max(191)

export const idOrObject = z
  .union([id, z.object({ id }).transform((object) => object.id)])
  .nullish()
  .transform((found) => found ?? null)

const endOf9999S = 253_402_300_799

/** From seconds since 1970 at Stripe to ISO 8601 in the contracts. */
export const time = z
  .number()
  .int()
  .min(0)
  .max(endOf9999S)
  .nullish()
  .transform((seconds) => (seconds == null ? null : new Date(seconds * 1000).toISOString()))

export const currency = z
  .string()
  .regex(/^[a-z]{3}$/i)
  .transform((code) => code.toLowerCase())

/** Whole minor units: cents, whole yen, thousandths of a dinar. Above 2^53 JSON is no longer exact. */
export const amount = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER)

export const metadata = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((entries): Record<string, string> => {
    const texts = Object.entries(entries ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    )
    return Object.fromEntries(texts)
  })

/** One page of a list within an object; Stripe leaves out lists that were not expanded. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z
    .object({ data: z.array(item) })
    .nullish()
    .transform((list) => list?.data ?? [])
}

export function latest(times: (string | null)[]): string | null {
  return times.reduce((last, each) => (each !== null && (last === null || each > last) ? each : last), null)
}
