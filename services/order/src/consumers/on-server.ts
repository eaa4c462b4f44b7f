import type { AnyEvent } from '@spawnpoint/contracts'
import type { Decide } from '@spawnpoint/messaging'
import { applyServer, mayChangeMore } from '../rules/decisions/apply-server.ts'
import type { Tx } from '../store/tx.ts'
import { decideOrders } from './decide-orders.ts'

/** The provisioner's news: the order shows where its server stands, and what is to happen where there can be none. */
export const onServer: Decide<Tx> = (tx, events, now) =>
  decideOrders(
    tx,
    { events, now },
    {
      hears: isServer,
      orderIdsOf: ({ data }) => [data.order_id],
      needsCatalogue: (order, { data }) => mayChangeMore(order, data),
      decide: (order, { data }, { rules }) => (order ? applyServer(order, data, rules) : null),
    },
  )

type ServerEvent = Exclude<Extract<AnyEvent, { type: `server.${string}` }>, { type: 'server.drifted' }>

function isServer(event: AnyEvent): event is ServerEvent {
  return event.type.startsWith('server.') && event.type !== 'server.drifted'
}
