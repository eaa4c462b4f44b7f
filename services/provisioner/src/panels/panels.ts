import type { PrismaClient } from '../generated/client.ts'
import { keySecret, type MainPanel, mainPanel } from '../panel-types/main-panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { Send } from '../pterodactyl/send.ts'
import { decryptSecret, type KeyRing, type Sealed, SecretUnreadable } from '../rules/key-ring.ts'
import type { Sharing } from '../rules/sharing.ts'
import { type PanelConnection, readPanels } from '../store/panels.ts'
import { createPanel } from './create-panel.ts'
import { createPanelTools, type PanelTools } from './panel-tools.ts'
import { ttlCache } from './ttl-cache.ts'

/** The longest time until a replica sees what another one has changed. */
const panelsTtlMs = 5_000

export type Panels = ReturnType<typeof createPanels>

/** All panels of the seller, each with its own rate limiter, circuit breaker and cache. Created on first use, and again for another address or key. */
export function createPanels(options: {
  prisma: PrismaClient
  main: MainPanel
  ring: KeyRing
  send: Send
  timeoutMs: number
  timeScale: number
  /** How old what a panel showed may be before a sale asks it again. */
  viewMaxAgeMs: number
  sharing: Sharing
}) {
  const { prisma, main, ring, send, timeoutMs, timeScale, viewMaxAgeMs, sharing } = options
  const made = new Map<string, { connection: PanelConnection; tools: PanelTools }>()
  const connections = ttlCache(async (_: 'all') => {
    const read = await readPanels(prisma, main)
    for (const id of made.keys()) if (!read.has(id)) drop(id)
    return read
  }, panelsTtlMs)
  let isAbandoned = false

  function make(id: string, { url, kind, token: sealed }: PanelConnection): PanelTools {
    const given = id === mainPanel ? main.token : undefined
    const token = async () => (sealed ? openToken(ring, { panelId: id, url }, sealed) : (given ?? ''))
    const panel = createPanel[kind]({ panel: id, url, token, send, timeoutMs, timeScale })
    if (isAbandoned) panel.abandon()
    return createPanelTools({ prisma, panel, url, timeScale, viewMaxAgeMs, sharing })
  }

  function drop(id: string): void {
    made.get(id)?.tools.panel.abandon()
    made.delete(id)
  }

  return {
    /** Throws a `PanelError` where its address is not configured. */
    async get(id: string): Promise<PanelTools> {
      const connection = (await connections.get('all')).get(id)
      if (!connection) throw unknownPanel(id)
      const known = made.get(id)
      if (known && isSame(known.connection, connection)) return known.tools
      // Calls to its old address are abandoned.
      if (known && known.connection.url !== connection.url) drop(id)
      const tools = make(id, connection)
      made.set(id, { connection, tools })
      return tools
    },
    ids: async (): Promise<string[]> => [...(await connections.get('all')).keys()],
    /** The next read goes to the database: panels were changed here. */
    refresh: connections.clear,
    /** Every call under way, and every later one, ends as unanswered. */
    abandon(): void {
      isAbandoned = true
      for (const { tools } of made.values()) tools.panel.abandon()
    },
  }
}

/** The decrypted key for a panel at this address; a `PanelError` where no key of ours decrypts it for that. */
export function openToken(
  ring: KeyRing,
  { panelId, url }: { panelId: string; url: string },
  sealed: Sealed,
): string {
  try {
    return decryptSecret(ring, { name: keySecret(panelId), address: url }, sealed)
  } catch (cause) {
    if (!(cause instanceof SecretUnreadable)) throw cause
    throw new PanelError('The key', { kind: 'http', status: 401, detail: cause.message }, { cause })
  }
}

function isSame(a: PanelConnection, b: PanelConnection): boolean {
  return a.url === b.url && a.kind === b.kind && a.token?.ciphertext === b.token?.ciphertext
}

function unknownPanel(id: string): PanelError {
  const detail = `The address of the panel ${id} is not configured: PUT /admin/panels/${id}.`
  return Object.assign(new PanelError('The panel', { kind: 'no_panel', detail }), { panel: id })
}
