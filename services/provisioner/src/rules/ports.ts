/** One allocation of a node. */
export type Port = { id: number; ip: string; port: number }

/** A port beside the one that players connect to: so far behind it (`offset`), or any other on the same ip. */
export type ExtraPort = { variable: string; offset?: number | undefined }

/**
 * The lowest free ports that make a set: where players connect, then one for each of `extras`, all on one ip. Ports so fill
 * up from below, and neighbours stay free for those that need them.
 */
export function choosePorts(free: Port[], extras: ExtraPort[]): Port[] | null {
  const sorted = free.toSorted((a, b) => (a.ip === b.ip ? a.port - b.port : a.ip < b.ip ? -1 : 1))
  const at = new Map(sorted.map((port) => [addressOf(port), port]))
  for (const first of sorted) {
    const set = setFrom(first, extras, { sorted, at })
    if (set) return set
  }
  return null
}

/** How many such sets there are, counted up to `atMost`. */
export function countPortSets(free: Port[], extras: ExtraPort[], atMost: number): number {
  if (extras.length === 0) return Math.min(free.length, atMost)
  let left = free
  for (let count = 0; count < atMost; count += 1) {
    const set = choosePorts(left, extras)
    if (!set) return count
    const taken = new Set(set)
    left = left.filter((port) => !taken.has(port))
  }
  return atMost
}

type Shelf = { sorted: Port[]; at: Map<string, Port> }

function setFrom(first: Port, extras: ExtraPort[], { sorted, at }: Shelf): Port[] | null {
  const fixed = extras.map(({ offset }) =>
    offset === undefined ? null : at.get(addressOf({ ip: first.ip, port: first.port + offset })),
  )
  const taken = new Set([first, ...fixed])
  const others = sorted.filter((port) => port.ip === first.ip && !taken.has(port))
  const chosen = fixed.map((port) => (port === null ? others.shift() : port))
  return chosen.every((port) => port !== undefined) ? [first, ...chosen] : null
}

function addressOf({ ip, port }: Pick<Port, 'ip' | 'port'>): string {
  return `${ip} ${port}`
}
