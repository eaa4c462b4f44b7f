import { z } from '@hono/zod-openapi'
import { Problem } from '@spawnpoint/service-kit'
import type { Context } from 'hono'
import type { JournalEntry } from '../store/journal.ts'
import { type Journal, JournalBusy } from './journal.ts'
import { refusalOf } from './verify-stripe-signature.ts'
import { causes, type Refusals } from './watch-refusals.ts'

/**
 * Stores the event, then answers, and decides nothing: the journal is processed later. So Stripe gets 200 for every event
 * that is stored, whether or not it can be parsed.
 */
export function receiveStripeWebhook({
  secrets,
  refusals,
  journal,
  wakeProcessor,
}: {
  secrets: string[]
  refusals: Pick<Refusals, 'refused' | 'accepted'>
  journal: Journal
  wakeProcessor: () => void
}) {
  return async (c: Context) => {
    if (!/^application\/json\b/i.test(c.req.header('content-type') ?? ''))
      throw new Problem(415, 'not_json', 'Send the event as application/json.')
    const body = Buffer.from(await c.req.arrayBuffer())
    const refusal = refusalOf(body, c.req.header('stripe-signature') ?? '', secrets, new Date())
    if (refusal !== null) {
      refusals.refused(refusal, body)
      const { problem, mend } = causes[refusal]
      throw new Problem(
        400,
        'invalid_signature',
        `${problem.charAt(0).toUpperCase()}${problem.slice(1)}. Mend: ${mend}.`,
      )
    }
    refusals.accepted()
    await store(journal, readEvent(body))
    wakeProcessor()
    return c.json({ received: true })
  }
}

// What fits the journal's columns: the database would refuse anything else each time Stripe retries it.
const id = z.string().regex(/^[\x21-\x7e]{1,191}$/)
const shortId = z.string().regex(/^[\x21-\x7e]{0,64}$/)
const endOf9999S = 253_402_300_799

const eventSchema = z.discriminatedUnion('object', [
  z.object({
    object: z.literal('event'),
    id,
    type: id,
    api_version: shortId.nullish(),
    livemode: z.boolean(),
    created: z.number().int().min(0).max(endOf9999S),
    account: shortId.nullish(),
  }),
  z.object({
    object: z.literal('v2.core.event'),
    id,
    type: id,
    livemode: z.boolean(),
    created: z.iso.datetime().refine((text) => Date.parse(text) >= 0, 'is before 1970'),
    context: shortId.nullish(),
  }),
])

function readEvent(body: Buffer): JournalEntry {
  const parsed = eventSchema.safeParse(parseJson(body))
  if (!parsed.success)
    throw new Problem(400, 'not_an_event', 'The body is signed, but it is not a Stripe event.')
  const event = parsed.data
  const { id: eventId, type, livemode } = event
  return event.object === 'event'
    ? {
        account: event.account ?? '',
        eventId,
        type,
        apiVersion: event.api_version ?? null,
        livemode,
        created: new Date(event.created * 1000),
        body,
      }
    : {
        account: event.context ?? '',
        eventId,
        type,
        apiVersion: null,
        livemode,
        created: new Date(event.created),
        body,
      }
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    throw new Problem(400, 'not_an_event', 'The body is signed, but it is not JSON.')
  }
}

async function store(journal: Journal, entry: JournalEntry): Promise<void> {
  try {
    await journal.append(entry)
  } catch (error) {
    if (error instanceof JournalBusy)
      throw new Problem(503, error.code, `The event is not stored: send it again. ${error.message}.`, {
        retryAfterSeconds: 5,
      })
    throw error
  }
}
