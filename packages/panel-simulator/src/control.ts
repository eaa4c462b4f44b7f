import { allocationAttributes, nodeAttributes, serverAttributes, userAttributes } from './api/attributes.ts'
import type { PanelFault, PanelFaults } from './faults.ts'
import { changePanel, type PanelChange } from './panel-change.ts'
import type { PanelContext } from './panel-context.ts'
import type { PanelSettings } from './settings.ts'
import type { InstallPlan } from './wings/installs.ts'
import type { WingsFault, WingsFaults } from './wings/wings-faults.ts'

export type PanelControl = ReturnType<typeof createControl>
export type PanelState = ReturnType<PanelControl['state']>

/** The hand on the panel: in process for tests, and behind `/_simulator/*` for everybody else. */
export function createControl({
  panel,
  faults,
  wingsFaults,
  calls,
  throttled,
}: {
  panel: PanelContext
  faults: PanelFaults
  wingsFaults: WingsFaults
  calls: ReadonlyMap<string, number>
  /** How many calls were answered 429. */
  throttled: () => number
}) {
  const { tables, installs, settings } = panel
  return {
    addFault: (fault: PanelFault) => faults.add(fault),
    /** One by its id, or all of them, Wings' too; returns how many. What they fired stays counted. */
    removeFaults: (id?: string) => faults.remove(id) + wingsFaults.remove(id),

    breakWings: (fault: WingsFault) => wingsFaults.add(fault),
    /** Takes back what was set for one node, or everything. */
    healWings: (node?: number) => wingsFaults.heal(node),

    /** For installs to come; with a server's id or external id, for that one, even if it is already being installed. */
    planInstalls: (plan: InstallPlan, server?: string) => installs.plan(plan, server),
    configure: (changes: Partial<PanelSettings>) => Object.assign(settings, changes),
    change: (change: PanelChange) => changePanel(panel, change),

    /** How many calls came in, by route, and how many of them were answered 429. */
    requests: () => ({ calls: Object.fromEntries(calls), throttled: throttled() }),

    /** Everything there is, as a ledger that the system under test has no part in. */
    state: () => ({
      servers: tables.servers.all().map((server) => ({
        ...serverAttributes(tables, server),
        allocations: tables.allocations.where((row) => row.server_id === server.id).map(({ id }) => id),
        installed_at: server.installed_at,
      })),
      users: tables.users.all().map(userAttributes),
      nodes: tables.nodes.all().map((node) => ({
        ...nodeAttributes(tables, node),
        daemon_token_id: node.daemon_token_id,
        daemon_token: node.daemon_token,
      })),
      allocations: tables.allocations.all().map((row) => ({
        ...allocationAttributes(row),
        node: row.node_id,
        server: row.server_id,
      })),
      settings: { ...settings },
      calls: Object.fromEntries(calls),
      throttled: throttled(),
      faults: faults.all(),
      wings: { faults: wingsFaults.all(), calls: panel.wings.calls() },
    }),
  }
}
