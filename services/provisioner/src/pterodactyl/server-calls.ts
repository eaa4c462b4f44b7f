import { z } from '@hono/zod-openapi'
import type { Build, NewServer, Panel } from '../panel-types/panel.ts'
import type { PanelServer } from '../panel-types/resources.ts'
import type { PanelClient } from './panel-client.ts'
import type { Urgency } from './request-queue.ts'
import { page, panelServer, serverAttributes } from './resources.ts'

/** `bodyOf`: how the panel wants what sizes a server. */
export function serverCalls(
  { call, find }: PanelClient,
  bodyOf: (server: NewServer | Build) => unknown = (server) => server,
) {
  // Answered 204, without a body.
  const send = (method: 'POST' | 'DELETE', path: string, urgency: Urgency = 'normal') =>
    call(path, z.undefined(), { method, urgency }).then(() => {})
  const change = (id: number, part: string, body: unknown) =>
    call(`/servers/${id}/${part}`, panelServer, { method: 'PATCH', body }).then(() => {})

  return {
    serverOfOrder: (orderId) =>
      find(`/servers/external/${encodeURIComponent(orderId)}?include=allocations,node,user`, panelServer),
    server: (id, { isSweep } = { isSweep: false }) =>
      find(`/servers/${id}?include=allocations,node`, panelServer, { urgency: isSweep ? 'sweep' : 'normal' }),
    async serversOfOrders(orderIds) {
      const path = `/servers?filter[external_id]=${orderIds.join(',')}&include=allocations,node&per_page=100`
      return (await call(path, page(serverAttributes), { urgency: 'paid' })).items
    },
    async allServers() {
      const all: PanelServer[] = []
      for (let number = 1; ; number += 1) {
        const path = `/servers?sort=id&include=allocations&per_page=100&page=${number}`
        const { items, pages } = await call(path, page(serverAttributes), { urgency: 'sweep' })
        all.push(...items)
        if (number >= pages) return all
      }
    },
    createServer: (server) =>
      call('/servers?include=allocations,node,user', panelServer, {
        method: 'POST',
        body: bodyOf(server),
        urgency: 'paid',
      }),
    suspend: (id) => send('POST', `/servers/${id}/suspend`),
    unsuspend: (id) => send('POST', `/servers/${id}/unsuspend`, 'paid'),
    reinstall: (id) => send('POST', `/servers/${id}/reinstall`),
    deleteServer: (id, { force } = { force: false }) =>
      send('DELETE', `/servers/${id}${force ? '/force' : ''}`),
    changeBuild: (id, build) => change(id, 'build', bodyOf(build)),
    changeStartup: (id, body) => change(id, 'startup', body),
    changeDetails: (id, body) => change(id, 'details', body),
  } satisfies Partial<Panel>
}
