import type { AnyEvent } from '@spawnpoint/contracts'
import type { Decide } from '@spawnpoint/messaging'
import { decideOrders } from './decide-orders.ts'
import { applyServer } from './order.ts'
import type { Tx } from './orders.ts'

/** The provisioner's news: the order shows where its server stands. */
export const onServer: Decide<Tx> = (tx, events, now) =>
  decideOrders(
    tx,
    { events, now },
    {
      hears: isServer,
      orderIdOf: ({ data }) => data.order_id,
      decide: (order, { data }) => (order ? applyServer(order, data) : null),
    },
  )

type ServerEvent = Exclude<Extract<AnyEvent, { type: `server.${string}` }>, { type: 'server.drifted' }>

function isServer(event: AnyEvent): event is ServerEvent {
  return event.type.startsWith('server.') && event.type !== 'server.drifted'
}
