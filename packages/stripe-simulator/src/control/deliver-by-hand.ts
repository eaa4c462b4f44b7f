import { z } from 'zod'
import type { Account } from '../account.ts'
import { missing } from '../api/api-error.ts'
import type { EventType, SnapshotEvent, ThinEvent } from '../events.ts'
import { thinEvent } from '../events.ts'
import { newId } from '../ids.ts'

export const handDelivery = z.discriminatedUnion('kind', [
  /** An event of a connected account: it has `account`, and this account's list does not have it. */
  z.strictObject({
    kind: z.literal('connect'),
    account: z.string().default('acct_1SimulatedConnected'),
    /** An event of this account that is delivered again as if it were the other's. */
    event: z.string(),
  }),
  /** A thin event of its own; `event` makes it the twin of that one, else it concerns no object. */
  z.strictObject({
    kind: z.literal('thin'),
    type: z.string().default('v1.billing.meter.no_meter_found'),
    event: z.string().optional(),
  }),
])

export type HandDelivery = z.infer<typeof handDelivery>

export function connectEvent(
  account: Account,
  { account: connected, event: id }: Extract<HandDelivery, { kind: 'connect' }>,
): SnapshotEvent {
  const event = found(account, id)
  return { ...event, id: newId('evt'), account: connected, created: account.seconds() }
}

export function thinByHand(
  account: Account,
  { type, event: id }: Extract<HandDelivery, { kind: 'thin' }>,
): ThinEvent {
  if (id !== undefined) return thinEvent(found(account, id))
  return {
    id: newId('evt_test'),
    object: 'v2.core.event',
    type,
    livemode: false,
    created: new Date(account.seconds() * 1000).toISOString(),
  }
}

function found(account: Account, id: string): SnapshotEvent<EventType | string> {
  const event = account.events.get(id)
  if (!event) throw missing('event', id)
  return event
}
