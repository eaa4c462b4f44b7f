import type { PrismaClient } from '../generated/client.ts'
import type { Panel } from '../panel-types/panel.ts'
import { whyNotOwned } from '../panels/ensure-user.ts'
import { lastAppliedOf } from '../rules/last-applied.ts'
import type { NextStep } from '../rules/next-step.ts'
import { orderOf, type Server } from '../rules/server.ts'
import type { Sharing } from '../rules/sharing.ts'
import { blocked, type Transition } from '../rules/transitions.ts'

type Deps = { prisma: PrismaClient; panel: Panel; sharing: Sharing }

/**
 * A server that the panel has for the order, and that we see there for the first time, is not taken for the customer's because of its
 * external id alone. Null where its owner is the customer's user.
 */
export async function checkOwner(deps: Deps, server: Server, next: NextStep): Promise<Transition | null> {
  const found = 'found' in next ? next.found : null
  if (!found || server.desired !== 'running' || found.id === server.ptero_server_id) return null
  // As long as another owner is to be set, it has the one of before.
  const { customer = orderOf(server).customer } = lastAppliedOf(server)
  const why = await whyNotOwned(deps, found, customer)
  return why && blocked(server, why)
}
