import type { PanelServer } from '../panel-types/resources.ts'
import type { PlanSpec } from './plan-spec.ts'
import type { Wait } from './waiting-reasons.ts'

/**
 * Why a server is not made what another plan sells, whatever room its node has; null where it can be. `isAgreed`: whether whoever has it knows
 * that it is reinstalled for another egg.
 */
export function otherEgg(
  found: Pick<PanelServer, 'egg'>,
  spec: PlanSpec,
  { plan, isAgreed }: { plan: string; isAgreed: boolean },
): Wait | null {
  if (found.egg === spec.ptero_egg_id) return null
  if (spec.egg_change === 'reinstall') return isAgreed ? null : reinstallNeeded(found, spec, plan)
  const message = `The plan ${plan} is of another egg (${spec.ptero_egg_id}) than the server (${found.egg}), whose files would not fit it: order a new server for it.`
  return { class: 'other_egg', message }
}

/** Why a repair leaves a server as it is whose egg was changed on the panel. */
export function eggByHand({ egg }: Pick<PanelServer, 'egg'>, { ptero_egg_id }: PlanSpec): Wait | null {
  if (egg === ptero_egg_id) return null
  const message = `The egg of the server is ${egg} on the panel, and that of its plan ${ptero_egg_id}: give it that one there, and reinstall it if its files are of another game.`
  return { class: 'other_egg', message }
}

function reinstallNeeded(found: Pick<PanelServer, 'egg'>, spec: PlanSpec, plan: string): Wait {
  const message = `The plan ${plan} is of another egg (${spec.ptero_egg_id}) than the server (${found.egg}): the server is reinstalled, and its files may be lost; its address stays. Ask for the plan again with "reinstall": true to agree to that.`
  return { class: 'reinstall_needed', message }
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

/** 0 has no limit. */
export function shrinksDisk({ limits: before }: PlanSpec, { limits: after }: PlanSpec): boolean {
  return after.disk !== 0 && (before.disk === 0 || after.disk < before.disk)
}

/** The panel's application API shows what a server may use, not what it uses; a node starts no server whose files are above its limit (`onBeforeStart` in Wings' `server/power.go`). */
export function diskShrinks({ limits: before }: PlanSpec, { limits: after }: PlanSpec): string {
  const from = before.disk === 0 ? '' : `from ${before.disk} `
  return `The disk shrinks ${from}to ${after.disk} MiB, and how much the server uses is not known: above that it does not start again until files are deleted.`
}
