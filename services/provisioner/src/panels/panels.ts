import type { PrismaClient } from '../generated/client.ts'
import { keySecret, mainPanel } from '../panel-types/main-panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import { createPterodactyl } from '../pterodactyl/pterodactyl.ts'
import { decryptSecret, type KeyRing, type Sealed } from '../rules/key-ring.ts'
import { type PanelPlace, readPanels } from '../store/panels.ts'
import { createPanelTools, type PanelTools } from './panel-tools.ts'
import { ttlCache } from './ttl-cache.ts'

/** For so long at most a replica goes on with what another one has changed. */
const panelsTtlMs = 5_000

export type Panels = ReturnType<typeof createPanels>

/** All panels of the seller, each with a pace, a circuit and a memory of its own. Made when first asked for, and anew for another address or key. */
export function createPanels(options: {
  prisma: PrismaClient
  main: { url: string; token: string | undefined }
  ring: KeyRing
  timeoutMs: number
  timeScale: number
}) {
  const { prisma, main, ring, timeoutMs, timeScale } = options
  const made = new Map<string, { place: PanelPlace; tools: PanelTools }>()
  const places = ttlCache(async (_: 'all') => {
    const read = await readPanels(prisma, main.url)
    for (const id of made.keys()) if (!read.has(id)) drop(id)
    return read
  }, panelsTtlMs)
  let isAbandoned = false

  function make(id: string, { url, token: sealed }: PanelPlace): PanelTools {
    const given = id === mainPanel ? main.token : undefined
    const token = async () => (sealed ? openToken(ring, id, sealed) : (given ?? ''))
    const panel = createPterodactyl({ panel: id, url, token, timeoutMs, timeScale })
    if (isAbandoned) panel.abandon()
    return createPanelTools({ prisma, panel, timeScale })
  }

  function drop(id: string): void {
    made.get(id)?.tools.panel.abandon()
    made.delete(id)
  }

  return {
    /** Throws a `PanelError` where nobody has said where it is. */
    async get(id: string): Promise<PanelTools> {
      const place = (await places.get('all')).get(id)
      if (!place) throw unknownPanel(id)
      const known = made.get(id)
      if (known && isSame(known.place, place)) return known.tools
      // Nothing more is heard from where it is no longer.
      if (known && known.place.url !== place.url) drop(id)
      const tools = make(id, place)
      made.set(id, { place, tools })
      return tools
    },
    ids: async (): Promise<string[]> => [...(await places.get('all')).keys()],
    /** The next one who asks has the database asked: something was changed here. */
    refresh: places.clear,
    /** Of what there is room for: the next one who asks has the panel asked. */
    clearCaches(): void {
      for (const { tools } of made.values()) tools.cache.forget()
    },
    /** Every call under way, and every later one, ends as one that was not answered. */
    abandon(): void {
      isAbandoned = true
      for (const { tools } of made.values()) tools.panel.abandon()
    },
  }
}

/** The key for a panel as it was kept; a `PanelError` where no key of ours opens it. */
export function openToken(ring: KeyRing, panelId: string, sealed: Sealed): string {
  const name = keySecret(panelId)
  try {
    return decryptSecret(ring, name, sealed)
  } catch (cause) {
    const detail = `The secret ${name} cannot be read: it was encrypted with the key ${sealed.keyId}. Add that key to SECRETS_KEYS, or set the secret again.`
    throw new PanelError('The key', { kind: 'http', status: 401, detail }, { cause })
  }
}

function isSame(a: PanelPlace, b: PanelPlace): boolean {
  return a.url === b.url && a.token?.ciphertext === b.token?.ciphertext
}

function unknownPanel(id: string): PanelError {
  const detail = `Nobody has said where the panel ${id} is: PUT /admin/panels/${id}.`
  return Object.assign(new PanelError('The panel', { kind: 'no_panel', detail }), { panel: id })
}
