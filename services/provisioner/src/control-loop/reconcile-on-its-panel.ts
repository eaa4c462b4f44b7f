import type { Logger } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { PanelTools } from '../panels/panel-tools.ts'
import type { Panels } from '../panels/panels.ts'
import { orderOf, type Server } from '../rules/server.ts'
import { moved } from '../rules/transitions.ts'
import { panelOfRegion } from '../store/regions.ts'
import { recordServer } from '../store/server-changes.ts'
import type { DriveServer } from './reconcile-server.ts'
import { recordTrouble } from './record-panel-error.ts'

type Deps = {
  prisma: PrismaClient
  panels: Panels
  timeScale: number
  log: Logger
  /** Drives servers of one panel. */
  driverFor: (tools: PanelTools) => DriveServer
}

/** Drives a server with what its panel has; what was never asked for anywhere goes to the panel of its region first. */
export function createDriveOnItsPanel({ driverFor, ...deps }: Deps): DriveServer {
  const { prisma, panels } = deps
  const drivers = new WeakMap<PanelTools, DriveServer>()

  async function findDriver(panelId: string): Promise<DriveServer> {
    const tools = await panels.get(panelId)
    const driver = drivers.get(tools) ?? driverFor(tools)
    drivers.set(tools, driver)
    return driver
  }

  return async function driveServer(server: Server, now: Date): Promise<void> {
    const home = mayHaveMoved(server) ? await panelOfRegion(prisma, orderOf(server).region) : server.panel_id
    if (home !== server.panel_id) return void (await recordServer(deps, server, moved(home)))
    try {
      await (await findDriver(home))(server, now)
    } catch (error) {
      if (!(error instanceof PanelError)) throw error
      await recordTrouble(deps, server, { error, unknownBefore: server.unknown_until, now })
    }
  }
}

/** At first it is where its region was when its order was heard. A panel that is away must not keep what nobody asked it for. */
function mayHaveMoved({ desired, generation, ptero_server_id, attempts, status }: Server): boolean {
  if (desired !== 'running' || generation > 0 || ptero_server_id !== null) return false
  return attempts > 0 || status !== 'none'
}
