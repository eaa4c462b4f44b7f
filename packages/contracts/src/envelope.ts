import { z } from 'zod'

/**
 * CloudEvents 1.0, structured JSON. `id` is a UUIDv5 of the event's cause, so that deciding again gives the same id;
 * `subject` is the id of the payment, order or server that `data` is the whole state of; `sequence` is its version
 * (1, 2, 3 …: the newest wins); `dataversion` is the version of the event's schema; `time` is ISO 8601 UTC; `causationid` is
 * the cause, such as the id of the event that it was decided upon.
 */
export const envelopeSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.string().min(1),
  type: z.string().min(1),
  subject: z.string().min(1).max(191),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  dataversion: z.number().int().positive(),
  sequence: z.number().int().positive(),
  causationid: z.string().min(1).max(255).optional(),
  data: z.unknown(),
})

export type Envelope<Data = unknown> = Omit<z.infer<typeof envelopeSchema>, 'data'> & { data: Data }
