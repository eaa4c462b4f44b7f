import { nodeAttributes, serverAttributes, userAttributes, variableAttributes } from '../api/attributes.ts'
import { eggShape, nodeShape, serverShape, userShape } from '../api/shapes.ts'
import { type Shape, showList } from '../http/show.ts'
import type { Egg, Node, Server, User } from '../tables/rows.ts'
import type { Tables } from '../tables/tables.ts'

/**
 * The shapes of Pelican's API where they differ from Pterodactyl's.
 * Source: pelican-dev/panel, `app/Transformers/Api/Application` and its snapshots in `tests/Integration/Api/Fixtures/Application`.
 */
export function pelicanServerShape(tables: Tables): Shape<Server> {
  const { nest, location, ...includes } = serverShape(tables).includes
  return {
    object: 'server',
    attributes(row) {
      const { nest: _, limits, container, ...attributes } = serverAttributes(tables, row)
      const { P_SERVER_LOCATION, P_SERVER_ALLOCATION_LIMIT, ...environment } = container.environment
      return {
        ...attributes,
        limits: { ...limits, oom_killer: !limits.oom_disabled },
        container: { ...container, environment },
      }
    },
    includes: {
      ...includes,
      user: {
        needs: 'users',
        show: (row, show) => show(pelicanUserShape(tables), tables.users.get(row.owner_id)),
      },
      node: {
        needs: 'nodes',
        show: (row, show) => show(pelicanNodeShape(tables), tables.nodes.get(row.node_id)),
      },
      egg: { needs: 'eggs', show: (row, show) => show(pelicanEggShape(tables), tables.eggs.get(row.egg_id)) },
    },
  }
}

export function pelicanUserShape(tables: Tables): Shape<User> {
  return {
    ...userShape(tables),
    attributes(row) {
      const { first_name, last_name, '2fa': hasTwoFactors, ...attributes } = userAttributes(row)
      return {
        ...attributes,
        is_managed_externally: false,
        '2fa_enabled': hasTwoFactors,
        '2fa': hasTwoFactors,
      }
    },
  }
}

export function pelicanNodeShape(tables: Tables): Shape<Node> {
  const { location: _, ...includes } = nodeShape(tables).includes
  const serversOf = (id: number) => tables.servers.where((row) => row.node_id === id)
  return {
    object: 'node',
    attributes(row) {
      const { location_id, allocated_resources, ...attributes } = nodeAttributes(tables, row)
      const cpu = serversOf(row.id).reduce((sum, server) => sum + server.cpu, 0)
      return {
        ...attributes,
        ...{ tags: [], cpu: 0, cpu_overallocate: 0, daemon_sftp_alias: null },
        daemon_connect: attributes.daemon_listen,
        allocated_resources: { ...allocated_resources, cpu },
      }
    },
    includes: {
      ...includes,
      servers: {
        needs: 'servers',
        show: ({ id }, show) => showList(show, pelicanServerShape(tables), serversOf(id)),
      },
    },
  }
}

export function pelicanEggShape(tables: Tables): Shape<Egg> {
  return {
    object: 'egg',
    attributes(row) {
      const { nest, ...attributes } = eggShape(tables).attributes(row) as { nest: number }
      return { ...attributes, icon: null, features: null, tags: [], startup_commands: [row.startup] }
    },
    includes: {
      variables: {
        needs: null,
        show: (egg, show) =>
          showList(
            show,
            {
              object: 'egg_variable',
              attributes: (variable) => ({
                ...variableAttributes(egg, variable),
                rules: variable.rules.split('|'),
                sort: null,
              }),
              includes: {},
            },
            egg.variables,
          ),
      },
    },
  }
}
