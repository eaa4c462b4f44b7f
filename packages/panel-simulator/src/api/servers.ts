import { created, noContent, ok } from '../http/answer.ts'
import { missing } from '../http/errors.ts'
import { page, select } from '../http/list.ts'
import { boundRoute, type Params, type Route, route } from '../http/route.ts'
import { type Shape, show } from '../http/show.ts'
import type { PanelContext } from '../panel-context.ts'
import { holdsText, sameText } from '../tables/collation.ts'
import type { Server } from '../tables/rows.ts'
import type { Input } from '../validation/input.ts'
import { createServer } from './create-server.ts'
import { deleteServer, reinstall, setSuspended } from './server-actions.ts'
import { serverShape } from './shapes.ts'
import { updateBuild, updateDetails, updateStartup } from './update-server.ts'

type Change = (server: Server, body: Input) => void | Promise<void>

/** What the kinds of panel do differently behind the same routes. */
export type ServerBehaviour = {
  shape: Shape<Server>
  create(body: Input): Promise<Server>
  updateDetails: Change
  updateBuild: Change
  updateStartup: Change
  setSuspended(server: Server, suspended: boolean): Promise<void>
  reinstall(server: Server): Promise<void>
  remove(server: Server, options: { force: boolean }): Promise<void>
}

function pterodactylServers(panel: PanelContext): ServerBehaviour {
  return {
    shape: serverShape(panel.tables),
    create: (body) => createServer(panel, body),
    updateDetails: (server, body) => updateDetails(panel, server, body),
    updateBuild: (server, body) => updateBuild(panel, server, body),
    updateStartup: (server, body) => updateStartup(panel, server, body),
    setSuspended: (server, suspended) => setSuspended(panel, server, suspended),
    reinstall: (server) => reinstall(panel, server),
    remove: (server, options) => deleteServer(panel, server, options),
  }
}

export function serverRoutes(panel: PanelContext, as: ServerBehaviour = pterodactylServers(panel)): Route[] {
  const { servers } = panel.tables
  const { shape } = as
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
        await as.remove(server, { force })
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
      created(show(call, shape, await as.create(call.body))),
    ),
    route('GET', 'servers/external/:external', ['servers', 'read'], (call, { external = '' }) =>
      ok(show(call, shape, servers.first((row) => sameText(row.external_id, external)) ?? missing())),
    ),
    boundRoute('GET', 'servers/:server', ['servers', 'read'], byId, (call, server) =>
      ok(show(call, shape, server)),
    ),
    update('details', as.updateDetails),
    update('build', as.updateBuild),
    update('startup', as.updateStartup),
    action('suspend', (server) => as.setSuspended(server, true)),
    action('unsuspend', (server) => as.setSuspended(server, false)),
    action('reinstall', as.reinstall),
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
