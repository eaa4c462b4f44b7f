import { type Host, hasRoom, howManyFit, type Size } from './capacity.ts'

export type Candidate = Host & { weight: number }

/**
 * The nodes with room, in an order drawn by lot: a node has as many lots as its weight times how many such servers still fit
 * on it. Nodes so fill up together, whatever their sizes, and orders that come at once do not crowd on one of them.
 * Weight 0 is a reserve, drawn after all the others.
 */
export function drawNodes(candidates: Candidate[], wanted: Size, random = Math.random): Candidate[] {
  return candidates
    .filter((candidate) => hasRoom(candidate, wanted))
    .map((candidate) => ({ candidate, turn: turnOf(lotsOf(candidate, wanted), random()) }))
    .toSorted((a, b) => (a.turn < b.turn ? -1 : a.turn > b.turn ? 1 : 0))
    .map(({ candidate }) => candidate)
}

function lotsOf(candidate: Candidate, wanted: Size): number {
  const fit = howManyFit(candidate, wanted)
  return candidate.weight * (Number.isFinite(fit) ? fit : 1)
}

// Exponential arrival times: the first is a weighted draw, and so is the next of those that remain.
function turnOf(lots: number, random: number): number {
  return lots === 0 ? Number.POSITIVE_INFINITY : -Math.log(1 - random) / lots
}
