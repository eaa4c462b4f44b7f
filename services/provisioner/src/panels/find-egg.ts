import { setTimeout as delay } from 'node:timers/promises'
import type { Panel } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { PanelEgg } from '../panel-types/resources.ts'
import { ttlCache } from './ttl-cache.ts'

export type FindEgg = ReturnType<typeof createFindEgg>

/** The egg with its variables, as the panel showed it a moment ago; null where it has none. */
export function createFindEgg({ panel, ttlMs }: { panel: Panel; ttlMs: number }) {
  const eggs = ttlCache(
    (eggId: number) => panel.egg(eggId),
    ttlMs,
    (egg) => egg !== null,
  )

  return (eggId: number): Promise<PanelEgg | null> => eggs.get(eggId)
}

/** For somebody who waits: a panel that hangs counts as one that does not answer after three seconds. */
export async function findEggSoon(findEgg: FindEgg, eggId: number): Promise<PanelEgg | null> {
  const egg = await Promise.race([findEgg(eggId), delay(patienceMs, 'late', { ref: false })])
  if (typeof egg !== 'string') return egg
  throw new PanelError('The egg', { kind: 'timeout', detail: 'The panel takes long to answer' })
}

const patienceMs = 3_000
