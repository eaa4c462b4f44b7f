import { type Loop, startLoop } from '@spawnpoint/messaging'
import type { Logger } from '@spawnpoint/service-kit'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { Panel, PanelState } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import { classifyError } from '../pterodactyl/classify-error.ts'
import type { Panels } from './panels.ts'

/** The problems of each panel, in words, for `/health`. */
export async function panelProblems(panels: Panels): Promise<string | null> {
  const ids = await panels.ids()
  const failures = await Promise.all(ids.map((id) => failureOf(panels, id)))
  const messages = failures.filter((failure) => failure !== null)
  return messages.length === 0 ? null : messages.join(' ')
}

/** The client state of each panel; `panel` is the one of the environment, as it was before there were others. */
export async function panelStates(
  panels: Panels,
): Promise<{ panel: PanelState | undefined; panels: Record<string, PanelState> }> {
  const ids = await panels.ids()
  const states = await Promise.all(ids.map(async (id) => [id, (await panels.get(id)).panel.state()] as const))
  const byId = Object.fromEntries(states)
  return { panel: byId[mainPanel], panels: byId }
}

async function failureOf(panels: Panels, id: string): Promise<string | null> {
  const { panel } = await panels.get(id)
  const failure = panel.lastFailure()
  if (!failure || (isPassing(failure) && (panel.failingForMs() ?? 0) < passingMs)) return null
  const { message } = classifyError(failure)
  // Sellers with one panel never see its name.
  return id === mainPanel ? message : `${id}: ${message}`
}

const askAgainMs = 4_000

/** A busy panel fails one call and answers the next: only what outlasts a probe is told. */
const passingMs = 6_000

function isPassing({ kind, status }: PanelError): boolean {
  return (
    kind === 'timeout' ||
    kind === 'unreachable' ||
    (kind === 'http' && (status === 429 || (status ?? 0) >= 500))
  )
}

/**
 * Asks the panel something small: a wrong address or key shows before the first order, which then finds the way there warm.
 * Repeated while something is wrong, so that health recovers by itself.
 */
export function startProbingPanel({
  panels,
  panelId,
  log,
}: {
  panels: Panels
  panelId: string
  log: Logger
}): Loop {
  // Of another address or key it is another one.
  let probed: Panel | null = null
  return startLoop({
    tick: async () => {
      const { panel } = await panels.get(panelId)
      if (probed === panel && !panel.lastFailure()) return 0
      probed = panel
      await panel.probe()
      log.info({ panel: panelId }, 'Panel authentication succeeded')
      return 0
    },
    idleMs: askAgainMs,
    onError: (error) => {
      const problem = error instanceof PanelError ? classifyError(error) : { class: 'panel_not_asked' }
      log.warn({ err: error, panel: panelId, ...problem }, 'Panel check failed; retrying')
    },
  })
}
