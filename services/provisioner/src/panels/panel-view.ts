import { setTimeout as delay } from 'node:timers/promises'
import type { PrismaClient } from '../generated/client.ts'
import type { Panel } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { PanelEgg, PanelNode } from '../panel-types/resources.ts'
import type { Port } from '../rules/ports.ts'
import { refreshAfterMs, type ViewPart } from '../rules/view-parts.ts'
import { databaseNow } from '../store/clock.ts'
import { readNewerParts, savePart } from '../store/panel-view.ts'

/** More than are placed on one node before it is read again. */
const mostPorts = 1_000
/** How long what a replica has stored may go unnoticed here. */
const unnoticedMs = 3_000
const retryMs = 10_000
const forgottenMs = 50 * 60_000

/** `shownAt` is by the database's clock, from before the panel was asked: it decides which reservations the panel's sums already include. */
type Shown<Items> = { items: Items; shownAt: Date }
type Entry = Shown<unknown> & { shownAtMs: number }
type DuePart = { part: ViewPart; isUrgent: boolean }

export type PanelView = ReturnType<typeof createPanelView>

/**
 * The panel as it last showed itself: its nodes, their free ports and its eggs. Sales are decided with it and with our own reservations
 * since, without a call to the panel: it is refreshed in the background, shared by all replicas and kept over a restart. Changes by hand
 * show within a minute, or when the panel refuses something. A part that was never read, or is older than `maxAgeMs`, is read at once.
 */
export function createPanelView({
  prisma,
  panel,
  url,
  timeScale,
  maxAgeMs,
}: {
  prisma: PrismaClient
  panel: Panel
  url: string
  timeScale: number
  maxAgeMs: number
}) {
  const source = { panelId: panel.id, url }
  const entries = new Map<ViewPart, Entry>()
  const reading = new Map<ViewPart, Promise<Entry>>()
  const quarantined = new Map<number, number>()
  const requested = new Map<ViewPart, number>()
  const failedUntil = new Map<ViewPart, number>()
  let noticed = { until: 0, done: Promise.resolve() }
  let wakeRefresher = () => {}

  async function noticeNewer(): Promise<void> {
    for (const { part, ageMs, items, shownAt } of await readNewerParts(prisma, source, entries))
      entries.set(part, { items, shownAt, shownAtMs: performance.now() - ageMs })
  }

  function notice(): Promise<void> {
    const now = performance.now()
    if (noticed.until > now) return noticed.done
    const done = noticeNewer()
    noticed = { until: now + unnoticedMs * timeScale, done }
    done.catch(() => {
      noticed.until = 0
    })
    return done
  }

  /** Reads a part of the panel now; who asks meanwhile shares the answer. */
  function read(part: ViewPart, urgency?: 'sweep'): Promise<Entry> {
    const known = reading.get(part)
    if (known) return known
    const one = readPart(part, urgency).finally(() => reading.delete(part))
    reading.set(part, one)
    return one
  }

  async function readPart(part: ViewPart, urgency?: 'sweep'): Promise<Entry> {
    const [shownAt, shownAtMs] = [await databaseNow(prisma), performance.now()]
    const items = await askPanel(panel, part, urgency)
    const entry = { items, shownAt, shownAtMs }
    entries.set(part, entry)
    await savePart(prisma, source, { part, shownAt, items })
    return entry
  }

  async function get<Items>(part: ViewPart): Promise<Shown<Items>> {
    await notice()
    const entry = entries.get(part)
    const isGood = entry && performance.now() - entry.shownAtMs <= maxAgeMs
    return (isGood ? entry : await read(part)) as Shown<Items>
  }

  function withoutQuarantined({ items, shownAt }: Shown<Port[]>): Shown<Port[]> {
    return { items: items.filter(({ id }) => (quarantined.get(id) ?? 0) <= Date.now()), shownAt }
  }

  /** The parts are read again as soon as possible, in the background. */
  function refresh(parts: Iterable<ViewPart>, inMs = 0): void {
    const at = performance.now() + inMs * timeScale
    for (const part of parts) requested.set(part, Math.min(at, requested.get(part) ?? at))
    setTimeout(() => wakeRefresher(), inMs * timeScale).unref()
  }

  function mostDue(wanted: ViewPart[]): DuePart | null {
    const due = [...new Set([...requested.keys(), ...wanted])].map((part) => {
      const entry = entries.get(part)
      const regularly = entry ? entry.shownAtMs + refreshAfterMs(part, entry.items) * timeScale : 0
      const wantedAt = Math.min(regularly, requested.get(part) ?? regularly)
      const at = Math.max(wantedAt, failedUntil.get(part) ?? wantedAt)
      return { part, at, isUrgent: requested.has(part) || !entry }
    })
    const [first] = due.toSorted((a, b) => a.at - b.at)
    return first && first.at <= performance.now() ? first : null
  }

  return {
    url,

    /** All of them; with the cpu of their servers where that is counted. */
    nodes: ({ withCpu }: { withCpu: boolean }): Promise<Shown<PanelNode[]>> =>
      get(withCpu ? 'nodes-cpu' : 'nodes'),

    freePorts: async (nodeId: number): Promise<Shown<Port[]>> =>
      withoutQuarantined(await get<Port[]>(`ports/${nodeId}`)),

    /** The same without waiting; null where the panel would have to be asked. */
    knownPorts(nodeId: number): Shown<Port[]> | null {
      const entry = entries.get(`ports/${nodeId}`)
      return entry ? withoutQuarantined(entry as Entry & Shown<Port[]>) : null
    },

    /** Null where there is none. */
    egg: async (eggId: number): Promise<PanelEgg | null> =>
      (await get<PanelEgg | null>(`egg/${eggId}`)).items,

    /** As the panel shows it now, whatever was asked before. */
    readEgg: async (eggId: number): Promise<PanelEgg | null> =>
      (await readPart(`egg/${eggId}`)).items as PanelEgg | null,

    /** The panel shows them as free and refuses them: not chosen again for a while. */
    quarantine(nodeId: number, allocationIds: number[]): void {
      for (const [id, until] of quarantined) if (until <= Date.now()) quarantined.delete(id)
      for (const id of allocationIds) quarantined.set(id, Date.now() + 60_000 * timeScale)
      refresh([`ports/${nodeId}`])
    },

    /** Capacity may have become free on a node: it is read again, once for many such changes. */
    capacityFreed(nodeId: number | null): void {
      const nodes = [...entries.keys()].filter((part) => part.startsWith('nodes'))
      refresh([...nodes, ...(nodeId === null ? [] : ([`ports/${nodeId}`] as const))], 1_000)
    },

    /** The panel refused a server of this egg. */
    eggRefused: (eggId: number): void => refresh([`egg/${eggId}`]),

    refresher: {
      /** Of these parts the one to read now. */
      async next(wanted: ViewPart[]): Promise<DuePart | null> {
        if (!mostDue(wanted)) return null
        await notice()
        return mostDue(wanted)
      },
      /** Another replica reads it. */
      leave(part: ViewPart): void {
        requested.delete(part)
        failedUntil.set(part, performance.now() + unnoticedMs * timeScale)
      },
      async read(part: ViewPart, isUrgent: boolean): Promise<void> {
        requested.delete(part)
        failedUntil.set(part, performance.now() + retryMs * timeScale)
        await read(part, isUrgent ? undefined : 'sweep')
        failedUntil.delete(part)
      },
      /** Parts that sales need no longer, before they leave the database. */
      forget(wanted: ViewPart[]): void {
        for (const [part, { shownAtMs }] of entries)
          if (!wanted.includes(part) && performance.now() - shownAtMs > forgottenMs) entries.delete(part)
      },
      shownAt: (part: ViewPart): Date | null => entries.get(part)?.shownAt ?? null,
      onRequest(wake: () => void): void {
        wakeRefresher = wake
      },
    },
  }
}

async function askPanel(panel: Panel, part: ViewPart, urgency?: 'sweep'): Promise<unknown> {
  const [kind, id] = part.split('/')
  if (kind === 'ports') return await panel.freePorts(Number(id), mostPorts, { urgency })
  if (kind === 'egg') return await panel.egg(Number(id), { urgency })
  const nodes = await panel.nodes({ withServers: part === 'nodes-cpu', urgency })
  return nodes.map(withCpuAlone)
}

// Of the servers on a node only their cpu in all is used.
function withCpuAlone({ relationships, ...node }: PanelNode): PanelNode {
  if (!relationships?.servers) return node
  const cpu = relationships.servers.reduce((total, { limits }) => total + limits.cpu, 0)
  return { ...node, relationships: { servers: [{ limits: { cpu } }] } }
}

const patienceMs = 3_000

/** For a caller who waits: a panel that does not answer within three seconds counts as unreachable. */
export async function soon<Value>(what: string, asking: Promise<Value>): Promise<Value> {
  const late = Symbol('late')
  const value = await Promise.race([asking, delay(patienceMs, late, { ref: false })])
  if (value !== late) return value as Value
  asking.catch(() => {})
  throw new PanelError(what, { kind: 'timeout', detail: 'The panel takes long to answer' })
}
