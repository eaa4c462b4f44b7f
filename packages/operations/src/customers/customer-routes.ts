import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import type { StreamName } from '@spawnpoint/contracts'
import type { Nats } from '@spawnpoint/messaging'
import { body, json, Problem, problem } from '@spawnpoint/service-kit'
import { eraseCommon, readCommon } from './common-records.ts'
import { eraseMessages } from './erase-messages.ts'
import type { Database } from './erase-rows.ts'
import { type Blocker, blockerSchema, type Subject, subjectSchema } from './subject.ts'

export type CustomerRecords = {
  /** Ids that its events, dead letters and stored Stripe events name a customer's records by. */
  keys(subject: Subject): Promise<string[]>
  /** What keeps the customer from being forgotten here. */
  blockers(subject: Subject): Promise<Blocker[]>
  /** Everything about the customer, by table. */
  read(subject: Subject): Promise<Record<string, unknown[]>>
  /** Erases a part, or only counts; `next` is the cursor of the next part, null after the last one. */
  erase(
    subject: Subject,
    options: { dryRun: boolean; cursor: string | null; by: string },
  ): Promise<{ erased: Record<string, number>; next: string | null }>
  /** What stays, why, and what to do about it. */
  remains(subject: Subject): Promise<string[]>
}

type Deps = {
  prisma: Database
  nats: Nats
  ownStream: StreamName
  records: CustomerRecords
  /** Something is to be published. */
  wake: () => void
}

const exportRoute = createRoute({
  method: 'post',
  path: '/admin/customers/export',
  summary: 'Everything that this service has stored about a customer',
  description: 'A POST, so that no address of a person gets into a log of paths.',
  request: { body: body(z.strictObject({ subject: subjectSchema }), 'Whose records') },
  responses: {
    200: json(z.object({ records: z.record(z.string(), z.array(z.unknown())) }), 'By table'),
    422: problem('The request does not fit'),
  },
})

const forgetRoute = createRoute({
  method: 'post',
  path: '/admin/customers/forget',
  summary: 'Erases a customer from the records of this service, which stay',
  description:
    'A part at a time: send `next` as `cursor` until it is null. A repeat changes nothing. `unpublished`: events that the relay has not published yet; ask again until there are none.',
  request: {
    body: body(
      z.strictObject({
        subject: subjectSchema,
        cursor: z
          .string()
          .regex(/^\d{1,18}$/)
          .nullable()
          .default(null),
        dry_run: z.boolean(),
      }),
      'Whom, and whether only to say what would be erased',
    ),
  },
  responses: {
    200: json(
      z.object({
        blockers: z.array(blockerSchema),
        erased: z.record(z.string(), z.number().int()),
        unpublished: z.number().int(),
        next: z.string().nullable(),
        remains: z.array(z.string()),
      }),
      'What was erased, or would be, by table',
    ),
    409: problem('Not yet: `detail` says why, and nothing was changed'),
    422: problem('The request does not fit'),
    503: problem('JetStream does not answer: retry'),
  },
})

/** What this service has stored about one customer, handed out and erased. */
export function addCustomerRoutes(app: OpenAPIHono, { prisma, nats, ownStream, records, wake }: Deps): void {
  app.openapi(exportRoute, async (c) => {
    const { subject } = c.req.valid('json')
    const wanted = { orderIds: subject.order_ids, keys: await records.keys(subject) }
    return c.json(
      { records: { ...(await records.read(subject)), ...(await readCommon(prisma, wanted)) } },
      200,
    )
  })

  app.openapi(forgetRoute, async (c) => {
    const { subject, cursor, dry_run: dryRun } = c.req.valid('json')
    if (dryRun) c.set('changesNothing', true)
    const blockers = await records.blockers(subject)
    if (!dryRun) refuseBlocked(blockers)
    const keys = await records.keys(subject)
    const { persons, order_ids: orderIds } = subject
    const isFirst = cursor === null
    // Before it is erased: afterwards nobody knows any more who they are on a panel.
    const remains = isFirst ? await records.remains(subject) : []
    const common = isFirst ? await eraseCommon(prisma, { orderIds, keys }, { persons, dryRun }) : {}
    const messages = isFirst
      ? await eraseMessages({ prisma, nats, stream: ownStream }, keys, { dryRun })
      : null
    const own = await records.erase(subject, { dryRun, cursor, by: c.get('apiKey') })
    if (!dryRun) wake()
    const erased = { ...common, ...(messages ? { stream: messages.erased } : {}), ...own.erased }
    return c.json(
      {
        blockers,
        erased: Object.fromEntries(Object.entries(erased).filter(([, count]) => count > 0)),
        unpublished: messages?.unpublished ?? 0,
        next: own.next,
        remains,
      },
      200,
    )
  })
}

function refuseBlocked([blocker, ...others]: Blocker[]): void {
  if (!blocker) return
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  throw new Problem(
    409,
    'customer_needed',
    `Nothing was erased. ${blocker.record}: ${blocker.why}${more}. ${blocker.next}`,
  )
}
