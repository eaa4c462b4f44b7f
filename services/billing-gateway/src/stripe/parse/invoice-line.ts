import { z } from '@hono/zod-openapi'
import type { InvoiceLine } from '@spawnpoint/contracts'
import { id, idOrObject, metadata, time } from './fields.ts'

const details = z
  .object({
    proration: z.boolean().nullish(),
    subscription: idOrObject,
    subscription_item: z.string().nullish(),
  })
  .nullish()

/** Both shapes: until 2025-03-31 a line itself named its subscription, item and price, since then `parent` and `pricing` do. */
export const lineSchema = z.object({
  amount: z.number().int().nullish(),
  quantity: z.number().int().nonnegative().nullish(),
  period: z.object({ start: time, end: time }).nullish(),
  parent: z.object({ subscription_item_details: details, invoice_item_details: details }).nullish(),
  pricing: z.object({ price_details: z.object({ price: idOrObject }).nullish() }).nullish(),
  subscription: idOrObject,
  subscription_item: z.string().nullish(),
  proration: z.boolean().nullish(),
  type: z.string().nullish(),
  price: z
    .union([
      id.transform((price) => ({ id: price, metadata: {} as Record<string, string> })),
      z.object({ id: z.string(), metadata }),
    ])
    .nullish(),
})
type StripeLine = z.infer<typeof lineSchema>

const most = 40

export function subscriptionOfLine({ subscription, parent }: StripeLine): string | null {
  return (
    subscription ??
    parent?.subscription_item_details?.subscription ??
    parent?.invoice_item_details?.subscription ??
    null
  )
}

/** The lines that charge for items of the subscription, whole periods first; other sales are left out. */
export function itemLines(lines: StripeLine[]): InvoiceLine[] {
  const own = lines.filter(isOfItem).map(lineOf)
  return [...own.filter(({ proration }) => !proration), ...own.filter(({ proration }) => proration)].slice(
    0,
    most,
  )
}

// A one-off item that is added to the invoice names the subscription and neither an item nor a proration.
function isOfItem(line: StripeLine): boolean {
  const { type, parent } = line
  if (parent?.subscription_item_details || type === 'subscription') return true
  if (parent?.invoice_item_details || type === 'invoiceitem') return isProration(line)
  return line.subscription !== null || Boolean(line.subscription_item)
}

function isProration({ proration, parent }: StripeLine): boolean {
  return Boolean(
    proration ?? parent?.subscription_item_details?.proration ?? parent?.invoice_item_details?.proration,
  )
}

function lineOf(line: StripeLine): InvoiceLine {
  const { amount, quantity, period, parent, pricing, price } = line
  return {
    item: line.subscription_item ?? parent?.subscription_item_details?.subscription_item ?? null,
    price: pricing?.price_details?.price ?? price?.id ?? null,
    plan: price?.metadata.plan?.trim().slice(0, 191) || null,
    amount: amount ?? 0,
    quantity: quantity ?? 1,
    proration: isProration(line),
    start: period?.start ?? null,
    end: period?.end ?? null,
  }
}
