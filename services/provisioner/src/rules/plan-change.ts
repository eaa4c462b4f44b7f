import type { PanelServer } from '../panel-types/resources.ts'
import type { PlanSpec } from './plan-spec.ts'
import type { Wait } from './waiting-reasons.ts'

/** Why a server cannot be made what another plan sells, whatever room its node has; null where it can. */
export function whyUnlike({
  found,
  spec,
  plan,
  before,
}: {
  found: Pick<PanelServer, 'egg'>
  spec: PlanSpec
  plan: string
  /** Of the plan that it was made or last changed for, where it is still known. */
  before: PlanSpec | null
}): Wait | null {
  if (found.egg !== spec.ptero_egg_id)
    return {
      class: 'other_egg',
      message: `The plan ${plan} is of another egg (${spec.ptero_egg_id}) than the server (${found.egg}), whose files would not fit it: order a new server.`,
    }
  if (before && portsText(before) !== portsText(spec))
    return {
      class: 'other_ports',
      message: `The plan ${plan} has other ports than the server, which keeps those that it has: order a new server.`,
    }
  return null
}

function portsText({ ports }: PlanSpec): string {
  return JSON.stringify(ports.map(({ variable, offset }) => `${variable} ${offset}`).toSorted())
}

export function nodeFull(nodeId: number, plan: string): Wait {
  return { class: 'no_capacity', message: `Node ${nodeId} has no room for the larger plan ${plan}.` }
}
