import { PanelError } from '../panel-types/panel-error.ts'
import { classifyError } from '../pterodactyl/classify-error.ts'
import { type SweepDeps, type Swept, sweepDrifts } from './sweep-drifts.ts'

type Away = { panel: string; error: PanelError }

/** Compares every panel with the orders. Throws only where none of them answers. */
export async function sweepAll(
  deps: SweepDeps,
): Promise<Swept & { away?: { panel: string; message: string }[] }> {
  const ids = await deps.panels.ids()
  const results = await Promise.all(ids.map((id) => sweepOne(deps, id)))
  const away = results.flatMap((result) => ('error' in result ? [result] : []))
  const [first] = away
  if (first && away.length === results.length) throw first.error
  const swept = results.flatMap((result) => ('error' in result ? [] : [result]))
  const total = (what: keyof Swept) => swept.reduce((sum, one) => sum + one[what], 0)
  return {
    servers: total('servers'),
    found: total('found'),
    told: total('told'),
    over: total('over'),
    ...(away.length === 0 ? {} : { away: away.map(asTold) }),
  }
}

function asTold({ panel, error }: Away) {
  return { panel, message: classifyError(error).message }
}

async function sweepOne(deps: SweepDeps, panel: string): Promise<Swept | Away> {
  try {
    return await sweepDrifts(deps, panel)
  } catch (error) {
    if (error instanceof PanelError) return { panel, error }
    throw error
  }
}
