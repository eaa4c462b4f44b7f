import { setTimeout as delay } from 'node:timers/promises'
import type { Panel } from '../panel-types/panel.ts'
import { PanelError } from '../panel-types/panel-error.ts'
import type { PanelEgg } from '../panel-types/resources.ts'
import { ttlCache } from './ttl-cache.ts'

export type FindEgg = ReturnType<typeof createFindEgg>

/** The egg with its variables, cached for a moment; null where there is none. */
export function createFindEgg({ panel, ttlMs }: { panel: Panel; ttlMs: number }) {
  const eggs = ttlCache(
    (eggId: number) => panel.egg(eggId),
    ttlMs,
    (egg) => egg !== null,
  )

  return (eggId: number): Promise<PanelEgg | null> => eggs.get(eggId)
}

/** For a caller who waits: a panel that does not answer within three seconds counts as unreachable. */
export async function findEggSoon(findEgg: FindEgg, eggId: number): Promise<PanelEgg | null> {
  const egg = await Promise.race([findEgg(eggId), delay(patienceMs, 'late', { ref: false })])
  if (typeof egg !== 'string') return egg
  throw new PanelError('The egg', { kind: 'timeout', detail: 'The panel takes long to answer' })
}

const patienceMs = 3_000
