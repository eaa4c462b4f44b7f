import { Hono } from 'hono'
import { z } from 'zod'
import { type Account, must } from '../account.ts'
import { missing } from '../api/api-error.ts'
import { causeOf, type Env, idOf, paramsOf, reply } from '../api/call.ts'
import { expandIn } from '../api/expand.ts'
import { clearable, expand, flag, mergedMetadata, metadata, text } from '../api/params.ts'
import { readRoutes } from '../api/read-routes.ts'
import { moveDispute } from './move-dispute.ts'

const updateParams = z.strictObject({
  evidence: z
    .strictObject({ uncategorized_text: text.optional(), product_description: text.optional() })
    .optional(),
  expand,
  metadata: clearable(metadata).optional(),
  submit: flag.optional(),
})

export function disputeRoutes(account: Account) {
  return new Hono<Env>()
    .post('/:id', async (call) => {
      const { evidence, metadata, submit, expand } = await paramsOf(call, updateParams)
      const before = account.disputes.get(idOf(call))
      if (!before) throw missing('dispute', idOf(call))
      const given = Object.entries(evidence ?? {}).filter(([, value]) => value !== undefined)
      account.change(
        account.disputes,
        before,
        {
          evidence: { ...before.evidence, ...Object.fromEntries(given) },
          metadata: mergedMetadata(before.metadata, metadata),
        },
        'charge.dispute.updated',
        causeOf(call),
      )
      // Evidence goes to the bank unless it is to wait.
      if (evidence && submit !== false) moveDispute(account, before.id, 'under_review', causeOf(call))
      return reply(call, expandIn(account, must(account.disputes, before.id), expand))
    })
    .post('/:id/close', async (call) => {
      const { expand: paths } = await paramsOf(call, z.strictObject({ expand }))
      return reply(call, expandIn(account, moveDispute(account, idOf(call), 'lost', causeOf(call)), paths))
    })
    .route(
      '/',
      readRoutes(account, account.disputes, { kind: 'dispute', filters: ['charge', 'payment_intent'] }),
    )
}
