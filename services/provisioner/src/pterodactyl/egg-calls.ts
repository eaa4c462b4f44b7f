import type { Panel } from '../panel-types/panel.ts'
import type { PanelClient } from './panel-client.ts'
import { nestWithEggs, page, panelEgg } from './resources.ts'

export function eggCalls({ call, find }: PanelClient) {
  return {
    // An egg is found only under its nest.
    async egg(id, { urgency } = {}) {
      for (let number = 1; ; number += 1) {
        const { items, pages } = await call(
          `/nests?include=eggs&per_page=100&page=${number}`,
          page(nestWithEggs),
          { urgency },
        )
        const nest = items.find(({ relationships }) => relationships.eggs.some((egg) => egg.id === id))
        if (nest) return await find(`/nests/${nest.id}/eggs/${id}?include=variables`, panelEgg, { urgency })
        if (number >= pages) return null
      }
    },
  } satisfies Partial<Panel>
}
