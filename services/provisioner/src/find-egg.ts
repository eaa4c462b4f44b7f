import { setTimeout as delay } from 'node:timers/promises'
import type { PanelClient } from './panel/panel-client.ts'
import { PanelError } from './panel/panel-error.ts'
import { nestWithEggs, type PanelEgg, page, panelEgg } from './panel/resources.ts'

export type FindEgg = ReturnType<typeof createFindEgg>

/** The egg with its variables, or null: the panel finds an egg only under its nest. */
export function createFindEgg({ panel, keepMs }: { panel: PanelClient; keepMs: number }) {
  const kept = new Map<number, { egg: Promise<PanelEgg | null>; until: number }>()

  return async function findEgg(eggId: number): Promise<PanelEgg | null> {
    const known = kept.get(eggId)
    if (known && known.until > Date.now()) return await known.egg
    const egg = readEgg(panel, eggId)
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
  throw new PanelError('GET /nests', { kind: 'timeout', detail: 'The panel takes long to answer' })
}

const patienceMs = 3_000

async function readEgg(panel: PanelClient, eggId: number): Promise<PanelEgg | null> {
  for (let number = 1; ; number += 1) {
    const { items, pages } = await panel.call(
      `/nests?include=eggs&per_page=100&page=${number}`,
      page(nestWithEggs),
    )
    const nest = items.find(({ relationships }) => relationships.eggs.some(({ id }) => id === eggId))
    if (nest) return await panel.find(`/nests/${nest.id}/eggs/${eggId}?include=variables`, panelEgg)
    if (number >= pages) return null
  }
}
