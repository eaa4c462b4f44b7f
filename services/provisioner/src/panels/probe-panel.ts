import { Problem } from '@spawnpoint/service-kit'
import { PanelError } from '../panel-types/panel-error.ts'
import { classifyError, isPelican } from '../pterodactyl/classify-error.ts'
import { createPterodactyl } from '../pterodactyl/pterodactyl.ts'

/** For somebody who waits. */
const patienceMs = 3_000

/** What stands against using a panel as it answers now; a `Problem` where it can never be used. */
export async function probePanel({
  panelId,
  url,
  token,
}: {
  panelId: string
  url: string
  token: () => Promise<string>
}): Promise<string[]> {
  const panel = createPterodactyl({ panel: panelId, url, token, timeoutMs: patienceMs })
  try {
    await panel.greet()
    return []
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    const { class: name, message } = classifyError(error)
    if (isPelican(error)) throw new Problem(422, name, message, { errors: [{ path: 'url', message }] })
    return [message]
  }
}
