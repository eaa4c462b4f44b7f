import type { PanelServer } from '../panel-types/resources.ts'
import type { PlanSpec } from './plan-spec.ts'
import type { Wait } from './waiting-reasons.ts'

/** Why a server cannot be made what another plan sells, whatever room its node has; null where it can. */
export function otherEgg(found: Pick<PanelServer, 'egg'>, spec: PlanSpec, plan: string): Wait | null {
  if (found.egg === spec.ptero_egg_id) return null
  const message = `The plan ${plan} is of another egg (${spec.ptero_egg_id}) than the server (${found.egg}), whose files would not fit it: order a new server for it.`
  return { class: 'other_egg', message }
}

export function portsMissing(nodeId: number, plan: string): Wait {
  const message = `Node ${nodeId} has no free ports for what the plan ${plan} has more, on the ip of the server.`
  return { class: 'no_capacity', message }
}

/** The panel gives a port that is not free to nobody, without a word. */
export function portsTaken(nodeId: number, ports: number[]): Wait {
  const message = `Another server took the port ${ports.join(', ')} of node ${nodeId} meanwhile: others are chosen.`
  return { class: 'ports_taken', message }
}

export function nodeFull(nodeId: number, plan: string): Wait {
  return { class: 'no_capacity', message: `Node ${nodeId} has no room for the larger plan ${plan}.` }
}
