import { setTimeout as delay } from 'node:timers/promises'
import type { Panel } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { PanelEgg } from '../panel-types/resources.ts'

export type FindEgg = ReturnType<typeof createFindEgg>

/** The egg with its variables, as the panel showed it a moment ago; null where it has none. */
export function createFindEgg({ panel, keepMs }: { panel: Panel; keepMs: number }) {
  const kept = new Map<number, { egg: Promise<PanelEgg | null>; until: number }>()

  return async function findEgg(eggId: number): Promise<PanelEgg | null> {
    const known = kept.get(eggId)
    if (known && known.until > Date.now()) return await known.egg
    const egg = panel.egg(eggId)
    kept.set(eggId, { egg, until: Date.now() + keepMs })
    egg.then(
      (found) => found ?? kept.delete(eggId),
      () => kept.delete(eggId),
    )
    return await egg
  }
}

/** For somebody who waits: a panel that hangs counts as one that does not answer after three seconds. */
export async function findEggSoon(findEgg: FindEgg, eggId: number): Promise<PanelEgg | null> {
  const egg = await Promise.race([findEgg(eggId), delay(patienceMs, 'late', { ref: false })])
  if (typeof egg !== 'string') return egg
  throw new PanelError('The egg', { kind: 'timeout', detail: 'The panel takes long to answer' })
}

const patienceMs = 3_000
