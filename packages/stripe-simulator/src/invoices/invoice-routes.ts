import { Hono } from 'hono'
import type Stripe from 'stripe'
import { z } from 'zod'
import type { Account } from '../account.ts'
import { missing } from '../api/api-error.ts'
import { type Call, causeOf, type Env, idOf, paramsOf, reply } from '../api/call.ts'
import { expandIn } from '../api/expand.ts'
import { pageOf } from '../api/page-of.ts'
import { expand, flag, inRange, paging, range, text } from '../api/params.ts'
import { listOf, readRoutes } from '../api/read-routes.ts'
import { advanceInvoice } from '../subscriptions/advance-invoice.ts'
import { followClosed } from '../subscriptions/follow-invoice.ts'
import { payInvoice } from '../subscriptions/pay-invoice.ts'
import { markUncollectible, voidInvoice } from './close-invoice.ts'
import { finalizeInvoice } from './finalize-invoice.ts'
import { updateInvoice, updateParams } from './update-invoice.ts'

const listParams = z.strictObject({
  ...paging,
  collection_method: z.enum(['charge_automatically', 'send_invoice']).optional(),
  created: range,
  customer: text.optional(),
  status: z.enum(['draft', 'open', 'paid', 'uncollectible', 'void']).optional(),
  subscription: text.optional(),
})
const onlyExpand = z.strictObject({ expand })
const payParams = z.strictObject({
  expand,
  off_session: flag.optional(),
  paid_out_of_band: flag.optional(),
  payment_method: text.optional(),
})

export function invoiceRoutes(account: Account) {
  const found = (call: Call) => {
    const invoice = account.invoices.get(idOf(call))
    if (!invoice) throw missing('invoice', idOf(call))
    return invoice
  }
  const answer = (call: Call, invoice: Stripe.Invoice, paths: string[] | undefined) =>
    reply(call, expandIn(account, invoice, paths))

  return new Hono<Env>()
    .get('/', async (call) => {
      const params = await paramsOf(call, listParams)
      const list = listOf(call, account.invoices, { kind: 'invoice', params, wanted: wantedBy(params) })
      return reply(call, expandIn(account, list, params.expand))
    })
    .get('/:id/lines', async (call) => {
      const params = await paramsOf(call, z.strictObject(paging))
      const { id, lines } = found(call)
      const page = pageOf(lines.data, params, { kind: 'line_item', url: `/v1/invoices/${id}/lines` })
      return reply(call, expandIn(account, page, params.expand))
    })
    .post('/:id', async (call) => {
      const { expand: paths, ...params } = await paramsOf(call, updateParams)
      return answer(call, updateInvoice(account, found(call), params, causeOf(call)), paths)
    })
    .post('/:id/send', async (call) => {
      const params = await paramsOf(call, onlyExpand)
      const invoice = found(call)
      const open = invoice.status === 'draft' ? advanceInvoice(account, invoice, causeOf(call)) : invoice
      if (invoice.status !== 'draft') account.emit('invoice.sent', open, { cause: causeOf(call) })
      return answer(call, open, params.expand)
    })
    .post('/:id/pay', async (call) => {
      const params = await paramsOf(call, payParams)
      const outOfBand = params.paid_out_of_band ?? false
      return answer(
        call,
        payInvoice(account, found(call), { outOfBand, cause: causeOf(call) }),
        params.expand,
      )
    })
    .post('/:id/finalize', async (call) => {
      const params = await paramsOf(call, onlyExpand.extend({ auto_advance: flag.optional() }))
      return answer(call, finalizeInvoice(account, found(call), { cause: causeOf(call) }), params.expand)
    })
    .post('/:id/void', async (call) => {
      const params = await paramsOf(call, onlyExpand)
      const voided = voidInvoice(account, found(call), causeOf(call))
      followClosed(account, voided)
      return answer(call, voided, params.expand)
    })
    .post('/:id/mark_uncollectible', async (call) => {
      const params = await paramsOf(call, onlyExpand)
      const given = markUncollectible(account, found(call), 'user_forgiven', causeOf(call))
      followClosed(account, given)
      return answer(call, given, params.expand)
    })
    .route('/', readRoutes(account, account.invoices, { kind: 'invoice' }))
}

function wantedBy({ subscription, ...params }: z.infer<typeof listParams>) {
  const asked = (['collection_method', 'customer', 'status'] as const).filter((name) => params[name])
  return (invoice: Stripe.Invoice) =>
    inRange(invoice.created, params.created) &&
    asked.every((name) => invoice[name] === params[name]) &&
    (subscription === undefined || invoice.parent?.subscription_details?.subscription === subscription)
}
