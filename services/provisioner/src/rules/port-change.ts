import type { PanelServer } from '../panel-types/resources.ts'
import type { ExtraPort, Port } from './ports.ts'

/** The ports of a server beside its own one, once it has another plan. */
export type PortChange = { keep: Port[]; add: Port[]; remove: Port[]; environment: Record<string, string> }

type Known = {
  found: PanelServer
  /** Of the plan before, where it is still known. */
  before: ExtraPort[]
  after: ExtraPort[]
  /** Reserved for the server by us, as a change that was interrupted leaves them. */
  claimed: number[]
  /** Free on its node. */
  free: Port[]
}

/**
 * What a server has stays where it fits, also for another variable; what is missing comes from its node, on the same ip; what is left over of
 * the ports that we gave it is taken away, and none that its customer has added. Null where a port is missing.
 */
export function portChange({ found, before, after, claimed, free }: Known): PortChange | null {
  const allocations = found.relationships?.allocations ?? []
  const own = allocations.find(({ id }) => id === found.allocation)
  const extras = allocations.filter(({ id }) => id !== found.allocation)
  const named = ({ variable }: ExtraPort) =>
    extras.find(({ port }) => String(port) === String(found.container.environment[variable] ?? ''))
  const ours = new Set([...before.flatMap((extra) => named(extra) ?? []), ...extras.filter(isAmong(claimed))])
  const used = new Set<Port>()
  const given = new Map<string, Port>()
  const give = (extra: ExtraPort, port: Port | undefined) => {
    if (!port || used.has(port)) return
    used.add(port)
    given.set(extra.variable, port)
  }
  const fits = ({ offset }: ExtraPort, { port, ip }: Port) =>
    own !== undefined && ip === own.ip && (offset === undefined || port === own.port + offset)
  const missing = () => after.filter(({ variable }) => !given.has(variable))
  for (const extra of after) {
    const port = named(extra)
    if (port && fits(extra, port)) give(extra, port)
  }
  // Those that no other port would do for choose first.
  const sorted = free.toSorted((a, b) => a.port - b.port)
  const pickiest = missing().toSorted(
    (a, b) => Number(a.offset === undefined) - Number(b.offset === undefined),
  )
  for (const extra of pickiest)
    give(
      extra,
      [...ours, ...(extra.offset === undefined ? [] : extras), ...sorted].find(
        (port) => !used.has(port) && fits(extra, port),
      ),
    )
  if (missing().length > 0) return null
  return {
    keep: extras.filter((port) => used.has(port)),
    add: [...used].filter((port) => !extras.some(({ id }) => id === port.id)),
    remove: [...ours].filter((port) => !used.has(port)),
    environment: Object.fromEntries([...given].map(([variable, { port }]) => [variable, String(port)])),
  }
}

function isAmong(ids: number[]) {
  return ({ id }: Port) => ids.includes(id)
}
