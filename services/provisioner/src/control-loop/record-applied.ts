import type { PrismaClient } from '../generated/client.ts'
import { mayStillLand, type Server } from '../rules/server.ts'
import type { News } from '../rules/server-events.ts'
import { fitted } from '../rules/transitions.ts'
import { recordServer } from '../store/server-changes.ts'

/** What the panel has made of the server counts, unless an unanswered call may still be carried out after it: then it is sent again. */
export async function recordFitted(
  deps: { prisma: PrismaClient; timeScale: number },
  server: Server,
  { built_state, tell, now }: { built_state: string; tell: News | undefined; now: Date },
): Promise<Server | null> {
  if (!mayStillLand(server, now)) return await recordServer(deps, server, fitted(built_state, tell))
  await recordServer(deps, server, { set: {}, due: server.unknown_until })
  return null
}
