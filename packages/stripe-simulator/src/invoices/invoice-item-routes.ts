import { Hono } from 'hono'
import type { Account } from '../account.ts'
import { causeOf, type Env, paramsOf, reply } from '../api/call.ts'
import { expandIn } from '../api/expand.ts'
import { readRoutes } from '../api/read-routes.ts'
import { addInvoiceItem, invoiceItemParams } from './add-invoice-item.ts'

/** What is charged once, beside a subscription's items. */
export function invoiceItemRoutes(account: Account) {
  return new Hono<Env>()
    .post('/', async (call) => {
      const params = await paramsOf(call, invoiceItemParams)
      return reply(call, expandIn(account, addInvoiceItem(account, params, causeOf(call)), params.expand))
    })
    .route(
      '/',
      readRoutes(account, account.invoiceItems, {
        kind: 'invoiceitem',
        filters: ['customer', 'invoice'],
        flags: { pending: ({ invoice }) => invoice === null },
      }),
    )
}
