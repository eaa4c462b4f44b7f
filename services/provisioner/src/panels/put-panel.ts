import { inTransaction } from '@spawnpoint/database'
import { Problem } from '@spawnpoint/service-kit'
import type { PrismaClient } from '../generated/client.ts'
import { keySecret, type MainPanel, type PanelKind } from '../panel-types/main-panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import { classifyError, isOtherKind } from '../pterodactyl/classify-error.ts'
import type { Send } from '../pterodactyl/send.ts'
import type { KeyRing } from '../rules/key-ring.ts'
import { countServers, readPanels, savePanel } from '../store/panels.ts'
import { newestKey, saveSecret } from '../store/secrets.ts'
import { createPanel } from './create-panel.ts'
import { openToken } from './panels.ts'

/** A person waits for the response. */
const patienceMs = 3_000

type Given = { panelId: string; url: string; kind?: PanelKind | undefined; token?: string | undefined }

/** Stores the address and the key of a panel. Problems with using it are returned as warnings; what can never be used is refused. */
export async function putPanel(
  { prisma, ring, main, send }: { prisma: PrismaClient; ring: KeyRing; main: MainPanel; send: Send },
  { panelId, url, token, ...given }: Given,
): Promise<{ warnings: string[] }> {
  if (token !== undefined) newestKey(ring)
  const connections = await readPanels(prisma, main)
  refuseTwice(connections, { panelId, url })
  const known = connections.get(panelId)
  if (token === undefined && known?.token && known.url !== url) throw tokenRequired(panelId)
  const kind = given.kind ?? known?.kind ?? 'pterodactyl'
  const storedToken = async () => (known?.token ? openToken(ring, { panelId, url }, known.token) : '')
  const warnings = await probePanel({
    ...{ panelId, url, kind, send },
    token: token === undefined ? storedToken : async () => token,
  })
  await inTransaction(prisma, async (tx) => {
    await savePanel(tx, { id: panelId, url, kind })
    if (token !== undefined)
      await saveSecret(tx, ring, { name: keySecret(panelId), address: url, value: token })
  })
  const isMoved = known !== undefined && known.url !== url
  return { warnings: [...warnings, ...(isMoved ? await servers(prisma, panelId) : [])] }
}

/** Problems with using a panel, by its current response; a `Problem` where it can never be used. */
async function probePanel({
  panelId,
  url,
  kind,
  token,
  send,
}: {
  panelId: string
  url: string
  kind: PanelKind
  send: Send
  token: () => Promise<string>
}): Promise<string[]> {
  const panel = createPanel[kind]({ panel: panelId, url, token, send, timeoutMs: patienceMs })
  try {
    await panel.probe()
    return []
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    const { class: name, message } = classifyError(error)
    const refused = error.kind === 'not_allowed' ? 'url' : isOtherKind(error) ? 'kind' : null
    if (refused) throw new Problem(422, name, message, { errors: [{ path: refused, message }] })
    return [message]
  }
}

// At an address that has none of them, each one counts as gone: nothing is suspended or deleted there any more.
async function servers(prisma: PrismaClient, panelId: string): Promise<string[]> {
  const n = await countServers(prisma, panelId)
  if (n === 0) return []
  return [
    `${n} servers stand on it: \`npx spawnpoint drifts sweep\` says which of them are not at the new address.`,
  ]
}

// Its capacity would be counted twice.
function refuseTwice(
  places: Map<string, { url: string }>,
  { panelId, url }: Pick<Given, 'panelId' | 'url'>,
): void {
  for (const [id, place] of places)
    if (id !== panelId && place.url === url)
      throw new Problem(409, 'panel_url_taken', `The panel at ${url} is known already: it is ${id}.`)
}

// A key is sent only to the address that it was given for.
function tokenRequired(panelId: string): Problem {
  const message = `The stored key for ${panelId} is for another address: send the token for this one.`
  return new Problem(422, 'token_required', message, { errors: [{ path: 'token', message }] })
}
