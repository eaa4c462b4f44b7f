import { act, type Deps, recordTrouble } from './act.ts'
import { isOursByNumber, nextStep, type Observed } from './next-step.ts'
import type { PanelClient } from './panel/panel-client.ts'
import { PanelError } from './panel/panel-error.ts'
import { panelServer } from './panel/resources.ts'
import type { Server } from './server.ts'

export type DriveServer = ReturnType<typeof createDriveServer>

/** Looks at one server on the panel, does the next step towards what its order wants, and writes down what came of it. */
export function createDriveServer(deps: Deps) {
  return async function driveServer(server: Server, now: Date): Promise<void> {
    let current: Server | null = server
    while (current) current = await takeStep(deps, current, now)
  }
}

/** The server again where it is to be looked at again at once. */
async function takeStep(deps: Deps, server: Server, now: Date): Promise<Server | null> {
  try {
    const observed = await observe(deps.panel, server)
    return await act(deps, server, nextStep({ server, observed, now, timeScale: deps.timeScale }), now)
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    await recordTrouble(deps, server, { error, unknownBefore: server.unknown_until, now })
    return null
  }
}

async function observe(panel: PanelClient, server: Server): Promise<Observed> {
  const id = encodeURIComponent(server.order_id)
  const found = await panel.find(`/servers/external/${id}?include=allocations`, panelServer)
  if (found || server.ptero_server_id === null) return { found }
  // Somebody may have changed its external id by hand: then it is still there.
  const known = await panel.find(`/servers/${server.ptero_server_id}?include=allocations`, panelServer)
  return { found: known && isOursByNumber(server, known) ? known : null }
}
