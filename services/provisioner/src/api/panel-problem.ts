import { Problem } from '@spawnpoint/service-kit'
import { PanelError } from '../panel-types/panel-error.ts'
import { classifyError } from '../pterodactyl/classify-error.ts'

/** What the panel does not do is told to whoever asked for it here: 503, to be asked again. */
export async function orPanelProblem<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof PanelError)) throw error
    const { class: name, message } = classifyError(error)
    throw new Problem(503, name, `${message} Ask again.`)
  }
}
