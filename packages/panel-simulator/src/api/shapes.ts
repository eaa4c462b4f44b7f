import { unexpected } from '../http/errors.ts'
import { nullResource, type Shape, showList } from '../http/show.ts'
import type { Allocation, Egg, EggVariable, Location, Nest, Node, Server, User } from '../tables/rows.ts'
import type { Tables } from '../tables/tables.ts'
import {
  allocationAttributes,
  eggAttributes,
  locationAttributes,
  nestAttributes,
  nodeAttributes,
  serverAttributes,
  serverValue,
  userAttributes,
  variableAttributes,
} from './attributes.ts'

export function serverShape(tables: Tables): Shape<Server> {
  const { nodes, allocations, users, locations, nests, eggs } = tables
  return {
    object: 'server',
    attributes: (row) => serverAttributes(tables, row),
    includes: {
      allocations: {
        needs: 'allocations',
        show: ({ id }, show) =>
          showList(
            show,
            allocationShape(tables),
            allocations.where((row) => row.server_id === id),
          ),
      },
      user: { needs: 'users', show: (row, show) => show(userShape(tables), users.get(row.owner_id)) },
      subusers: { needs: 'users', show: () => ({ object: 'list', data: [] }) },
      nest: { needs: 'nests', show: (row, show) => show(nestShape(tables), nests.get(row.nest_id)) },
      egg: { needs: 'eggs', show: (row, show) => show(eggShape(tables), eggs.get(row.egg_id)) },
      variables: {
        needs: null,
        show(row, show) {
          const egg = eggs.get(row.egg_id)
          return showList(show, serverVariableShape(row, egg), egg.variables)
        },
      },
      location: {
        needs: 'locations',
        show: (row, show) => show(locationShape(tables), locations.get(nodes.get(row.node_id).location_id)),
      },
      node: { needs: 'nodes', show: (row, show) => show(nodeShape(tables), nodes.get(row.node_id)) },
      databases: { needs: 'server_databases', show: () => ({ object: 'list', data: [] }) },
      // The panel offers it and has nothing to show it with.
      transfer: {
        needs: 'servers',
        show: () => {
          throw unexpected('TypeError')
        },
      },
    },
  }
}

export function userShape(tables: Tables): Shape<User> {
  return {
    object: 'user',
    attributes: userAttributes,
    includes: { servers: serversWhere(tables, (user, server) => server.owner_id === user.id) },
  }
}

export function locationShape(tables: Tables): Shape<Location> {
  const { nodes } = tables
  return {
    object: 'location',
    attributes: locationAttributes,
    includes: {
      nodes: {
        needs: 'nodes',
        show: ({ id }, show) =>
          showList(
            show,
            nodeShape(tables),
            nodes.where((row) => row.location_id === id),
          ),
      },
      servers: serversWhere(
        tables,
        (location, server) => nodes.get(server.node_id).location_id === location.id,
      ),
    },
  }
}

export function nodeShape(tables: Tables): Shape<Node> {
  const { allocations, locations } = tables
  return {
    object: 'node',
    attributes: (row) => nodeAttributes(tables, row),
    includes: {
      allocations: {
        needs: 'allocations',
        show: ({ id }, show) =>
          showList(
            show,
            allocationShape(tables),
            allocations.where((row) => row.node_id === id),
          ),
      },
      location: {
        needs: 'locations',
        show: (row, show) => show(locationShape(tables), locations.get(row.location_id)),
      },
      servers: serversWhere(tables, (node, server) => server.node_id === node.id),
    },
  }
}

export function allocationShape(tables: Tables): Shape<Allocation> {
  const { nodes, servers } = tables
  return {
    object: 'allocation',
    attributes: allocationAttributes,
    includes: {
      node: { needs: 'nodes', show: (row, show) => show(nodeShape(tables), nodes.get(row.node_id)) },
      server: {
        needs: 'servers',
        show: (row, show) =>
          row.server_id === null ? nullResource : show(serverShape(tables), servers.get(row.server_id)),
      },
    },
  }
}

export function nestShape(tables: Tables): Shape<Nest> {
  return {
    object: 'nest',
    attributes: nestAttributes,
    includes: {
      eggs: {
        needs: 'eggs',
        show: ({ id }, show) =>
          showList(
            show,
            eggShape(tables),
            tables.eggs.where((row) => row.nest_id === id),
          ),
      },
      servers: serversWhere(tables, (nest, server) => server.nest_id === nest.id),
    },
  }
}

export function eggShape(tables: Tables): Shape<Egg> {
  return {
    object: 'egg',
    attributes: eggAttributes,
    includes: {
      nest: {
        needs: 'nests',
        show: (row, show) => show(nestShape(tables), tables.nests.get(row.nest_id)),
      },
      servers: serversWhere(tables, (egg, server) => server.egg_id === egg.id),
      variables: {
        needs: null,
        show: (row, show) => showList(show, eggVariableShape(row), row.variables),
      },
    },
  }
}

function eggVariableShape(egg: Egg): Shape<EggVariable> {
  return {
    object: 'egg_variable',
    attributes: (variable) => variableAttributes(egg, variable),
    includes: {},
  }
}

function serverVariableShape(server: Server, egg: Egg): Shape<EggVariable> {
  return {
    object: 'server_variable',
    attributes: (variable) => ({
      ...variableAttributes(egg, variable),
      server_value: serverValue(server, variable),
    }),
    includes: {},
  }
}

function serversWhere<Row>(
  tables: Tables,
  matches: (row: Row, server: Server) => boolean,
): Shape<Row>['includes'][string] {
  return {
    needs: 'servers',
    show: (row, show) =>
      showList(
        show,
        serverShape(tables),
        tables.servers.where((server) => matches(row, server)),
      ),
  }
}
