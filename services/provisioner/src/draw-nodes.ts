import { hasRoom, howManyFit, type Size } from './capacity.ts'
import type { PanelNode } from './panel/resources.ts'

export type Candidate = { node: PanelNode; weight: number }

/**
 * The nodes with room, in an order drawn by lot: a node has as many lots as its weight times how many such servers still fit
 * on it. Nodes so fill up together, whatever their sizes, and orders that come at once do not crowd on one of them.
 * Weight 0 is a reserve, drawn after all the others.
 */
export function drawNodes(candidates: Candidate[], wanted: Size, random = Math.random): PanelNode[] {
  return candidates
    .filter(({ node }) => hasRoom(node, nothing, wanted))
    .map(({ node, weight }) => ({ node, turn: turnOf(weight * howManyFit(node, wanted), random()) }))
    .toSorted((a, b) => (a.turn < b.turn ? -1 : a.turn > b.turn ? 1 : 0))
    .map(({ node }) => node)
}

const nothing = { memory: 0, disk: 0 }

// Exponential arrival times: who comes first is a draw by lots, and so is who comes next of those that remain.
function turnOf(lots: number, random: number): number {
  return lots === 0 ? Number.POSITIVE_INFINITY : -Math.log(1 - random) / lots
}
