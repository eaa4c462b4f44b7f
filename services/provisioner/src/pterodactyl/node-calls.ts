import type { Panel } from '../panel-types/panel.ts'
import type { PanelNode } from '../panel-types/resources.ts'
import type { PanelClient } from './panel-client.ts'
import { allocation, nodeAttributes, page, panelNode } from './resources.ts'

export function nodeCalls({ call, find }: PanelClient) {
  return {
    // All in one call, however many nodes a region has: the panel counts calls by the minute.
    async nodes({ withServers, urgency }) {
      const include = withServers ? '&include=servers' : ''
      const all: PanelNode[] = []
      for (let number = 1; ; number += 1) {
        const path = `/nodes?per_page=200&page=${number}${include}`
        const { items, pages } = await call(path, page(nodeAttributes), { urgency })
        all.push(...items)
        if (number >= pages) return all
      }
    },
    node: (id, { withServers }) => find(`/nodes/${id}${withServers ? '?include=servers' : ''}`, panelNode),
    async freePorts(nodeId, atMost, { urgency } = {}) {
      const path = `/nodes/${nodeId}/allocations?filter[server_id]=false&per_page=${atMost}`
      return (await find(path, page(allocation), { urgency }))?.items ?? []
    },
  } satisfies Partial<Panel>
}
