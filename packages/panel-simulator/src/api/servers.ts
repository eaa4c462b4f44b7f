import { created, noContent, ok } from '../http/answer.ts'
import { missing } from '../http/errors.ts'
import { page, select } from '../http/list.ts'
import { boundRoute, type Params, type Route, route } from '../http/route.ts'
import { show } from '../http/show.ts'
import type { PanelContext } from '../panel-context.ts'
import { holdsText, sameText } from '../tables/collation.ts'
import type { Server } from '../tables/rows.ts'
import { createServer } from './create-server.ts'
import { deleteServer, reinstall, setSuspended } from './server-actions.ts'
import { serverShape } from './shapes.ts'
import { updateBuild, updateDetails, updateStartup } from './update-server.ts'

export function serverRoutes(panel: PanelContext): Route[] {
  const { servers } = panel.tables
  const shape = serverShape(panel.tables)
  const byId = ({ server = '' }: Params) => servers.find(Number(server)) ?? missing()
  const action = (name: string, act: (server: Server) => Promise<void>) =>
    boundRoute('POST', `servers/:server/${name}`, ['servers', 'write'], byId, async (_, server) => {
      await act(server)
      return noContent
    })
  const update = (
    name: string,
    change: (server: Server, body: Record<string, unknown>) => void | Promise<void>,
  ) =>
    boundRoute('PATCH', `servers/:server/${name}`, ['servers', 'write'], byId, async (call, server) => {
      await change(server, call.body)
      return ok(show(call, shape, server))
    })
  const remove = (pattern: string) =>
    boundRoute(
      'DELETE',
      pattern,
      ['servers', 'write'],
      (params) => ({ server: byId(params), force: params.force === 'force' }),
      async (_, { server, force }) => {
        await deleteServer(panel, server, { force })
        return noContent
      },
    )

  return [
    route('GET', 'servers', ['servers', 'read'], (call) =>
      page(call, select(call, servers.all(), { filters, sorts: ['id', 'uuid'] }), (server) =>
        show(call, shape, server),
      ),
    ),
    route('POST', 'servers', ['servers', 'write'], async (call) =>
      created(show(call, shape, await createServer(panel, call.body))),
    ),
    route('GET', 'servers/external/:external', ['servers', 'read'], (call, { external = '' }) =>
      ok(show(call, shape, servers.first((row) => sameText(row.external_id, external)) ?? missing())),
    ),
    boundRoute('GET', 'servers/:server', ['servers', 'read'], byId, (call, server) =>
      ok(show(call, shape, server)),
    ),
    update('details', (server, body) => updateDetails(panel, server, body)),
    update('build', (server, body) => updateBuild(panel, server, body)),
    update('startup', (server, body) => updateStartup(panel, server, body)),
    action('suspend', (server) => setSuspended(panel, server, true)),
    action('unsuspend', (server) => setSuspended(panel, server, false)),
    action('reinstall', (server) => reinstall(panel, server)),
    remove('servers/:server'),
    // Any word but `force` is as good as none.
    remove('servers/:server/:force'),
  ]
}

const filters = {
  uuid: partial(({ uuid }) => uuid),
  uuidShort: partial(({ uuid }) => uuid.slice(0, 8)),
  name: partial(({ name }) => name),
  description: partial(({ description }) => description),
  image: partial(({ image }) => image),
  external_id: partial(({ external_id }) => external_id),
}

function partial(textOf: (server: Server) => string | null) {
  return (server: Server, values: string[]) => values.some((value) => holdsText(textOf(server), value))
}
