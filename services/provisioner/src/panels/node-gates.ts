import { isOfNode, PanelError } from '../panel-types/panel-error.ts'

export type NodeGates = ReturnType<typeof createNodeGates>

/** A call to a node ended. */
type Leave = (error?: unknown) => void

const [mostOnNode, mostWaiting] = [4, 8]
/** A healthy node accepts a server within a second or two. */
const lateAfterMs = 5_000
const longestWaitMs = 3_000
/** One that nothing was sent to since may have recovered: without a server it is never probed. */
const avoidedMs = 120_000

/**
 * Limits the calls of one panel that its nodes have to carry out: the panel waits up to 15 s for a node that does not answer. A node takes
 * four at once; one that is late takes a single one, as a probe, until it has answered in time. So a node that hangs occupies a few calls
 * of its panel, and other nodes do not notice.
 */
export function createNodeGates({ timeScale }: { timeScale: number }) {
  const nodes = new Map<number, Gate>()

  function gateOf(nodeId: number): Gate {
    const gate = nodes.get(nodeId) ?? { inFlight: new Set(), waiting: [], isLate: false, endedAt: 0 }
    nodes.set(nodeId, gate)
    return gate
  }

  function isLate(gate: Gate): boolean {
    const now = performance.now()
    return gate.isLate || [...gate.inFlight].some(({ since }) => now - since > lateAfterMs * timeScale)
  }

  const isOpen = (gate: Gate) => gate.inFlight.size < (isLate(gate) ? 1 : mostOnNode)

  function begin(gate: Gate): Leave {
    const call = { since: performance.now() }
    gate.inFlight.add(call)
    return (error) => {
      gate.inFlight.delete(call)
      gate.endedAt = performance.now()
      gate.isLate = performance.now() - call.since > lateAfterMs * timeScale || isSilent(error)
      while (gate.waiting.length > 0 && isOpen(gate)) gate.waiting.shift()?.(begin(gate))
    }
  }

  return {
    /** Null where the node is busy: its calls would wait for longer than a few seconds. Call the result once the call has ended. */
    async enter(nodeId: number): Promise<Leave | null> {
      const gate = gateOf(nodeId)
      if (isOpen(gate) && gate.waiting.length === 0) return begin(gate)
      if (isLate(gate) || gate.waiting.length >= mostWaiting) return null
      return await turn(gate, longestWaitMs * timeScale)
    },
    /** The nodes for which nothing would be sent now. */
    busy: (): number[] => [...nodes].flatMap(([id, gate]) => (!isOpen(gate) && isLate(gate) ? [id] : [])),
    /** Whether a node answers late, or not at all. */
    isLate: (nodeId: number): boolean => isLate(gateOf(nodeId)),
    /** Whether new servers had better go to another node. */
    isAvoided(nodeId: number): boolean {
      const gate = gateOf(nodeId)
      const isRecent = gate.inFlight.size > 0 || performance.now() - gate.endedAt < avoidedMs * timeScale
      return isLate(gate) && isRecent
    },
  }
}

type Gate = {
  inFlight: Set<{ since: number }>
  waiting: ((leave: Leave) => void)[]
  isLate: boolean
  endedAt: number
}

function turn({ waiting }: Gate, withinMs: number): Promise<Leave | null> {
  return new Promise((resolve) => {
    const go = (leave: Leave) => {
      clearTimeout(timer)
      resolve(leave)
    }
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(go), 1)
      resolve(null)
    }, withinMs)
    waiting.push(go)
  })
}

function isSilent(error: unknown): boolean {
  return error instanceof PanelError && (isOfNode(error) || error.kind === 'timeout')
}

/** Why a server is not sent to its node now. */
export function nodeBusy(nodeId: number, isLate: boolean) {
  return {
    class: 'node_busy',
    message: isLate
      ? `Node ${nodeId} does not answer in time: its servers wait, and one call at a time is sent to it until it answers. Check its Wings and its connection to the panel.`
      : `Node ${nodeId} is busy with other servers: this one follows in a few seconds.`,
  }
}
