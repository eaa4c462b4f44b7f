import { isIPv4, isIPv6 } from 'node:net'
import { noContent } from '../http/answer.ts'
import { display, missing } from '../http/errors.ts'
import { page, select } from '../http/list.ts'
import { boundRoute, type Params, type Route } from '../http/route.ts'
import { show } from '../http/show.ts'
import type { PanelContext } from '../panel-context.ts'
import { holdsText } from '../tables/collation.ts'
import type { Allocation, Node } from '../tables/rows.ts'
import type { Tables } from '../tables/tables.ts'
import { asText, type Input, listAt, textAt } from '../validation/input.ts'
import { validate } from '../validation/validate.ts'
import { rangeTooLarge } from './deploy.ts'
import { allocationShape } from './shapes.ts'

export function allocationRoutes({ tables }: PanelContext): Route[] {
  const shape = allocationShape(tables)
  const node = (params: Params) => tables.nodes.find(Number(params.node)) ?? missing()
  const allocation = (params: Params) => {
    const { id } = node(params)
    const row = tables.allocations.find(Number(params.allocation))
    return row?.node_id === id ? row : missing()
  }

  return [
    boundRoute('GET', 'nodes/:node/allocations', ['allocations', 'read'], node, (call, { id }) => {
      const rows = tables.allocations.all().filter((row) => row.node_id === id)
      return page(call, select(call, rows, { filters }), (row) => show(call, shape, row))
    }),
    boundRoute('POST', 'nodes/:node/allocations', ['allocations', 'write'], node, (call, row) => {
      createAllocations(tables, row, call.body)
      return noContent
    }),
    boundRoute(
      'DELETE',
      'nodes/:node/allocations/:allocation',
      ['allocations', 'write'],
      allocation,
      (_, row) => {
        if (row.server_id !== null) {
          throw display(
            'A server is currently assigned to this allocation. An allocation can only be deleted if no server is currently assigned.',
          )
        }
        tables.allocations.delete(row.id)
        return noContent
      },
    ),
  ]
}

const filters = {
  ip: (row: Allocation, values: string[]) => values.includes(row.ip),
  port: (row: Allocation, values: string[]) => values.includes(String(row.port)),
  ip_alias: (row: Allocation, values: string[]) => values.some((value) => holdsText(row.ip_alias, value)),
  // Anything but a server's id means: free. So does 0.
  server_id: (row: Allocation, values: string[]) => {
    const ids = values.filter((value) => /^\d+$/.test(value) && Number(value) !== 0).map(Number)
    return ids.length > 0 ? row.server_id !== null && ids.includes(row.server_id) : row.server_id === null
  },
}

function createAllocations(tables: Tables, node: Node, body: Input): void {
  validate(body, [
    ['ip', 'required|string'],
    ['alias', 'sometimes|nullable|string|max:191'],
    ['ports', 'required|array'],
    ['ports.*', 'string'],
  ])
  const ips = readIps(textAt(body, 'ip') ?? '')
  const ports = listAt(body, 'ports').map(asText).flatMap(readPorts)
  const isThere = new Set(
    tables.allocations.where(({ node_id }) => node_id === node.id).map(({ ip, port }) => `${ip} ${port}`),
  )
  for (const ip of ips) {
    for (const port of ports) {
      // One that is there is left alone, and an id is spent on it all the same.
      if (isThere.has(`${ip} ${port}`)) tables.allocations.nextId()
      else tables.addAllocation({ id: 0, node_id: node.id, ip, port, ip_alias: textAt(body, 'alias') })
    }
  }
}

function readPorts(text: string): number[] {
  const [, from, to] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? []
  if (from === undefined) {
    throw display(
      `The mapping provided for ${text} was invalid and could not be processed.`,
      'InvalidPortMappingException',
    )
  }
  const first = Number(from)
  const last = Number(to ?? from)
  if (last - first >= 1000) throw display(rangeTooLarge, 'TooManyPortsInRangeException')
  if (first <= 1024 || last > 65535) {
    throw display(
      'Ports in an allocation must be greater than 1024 and less than or equal to 65535.',
      'PortOutOfRangeException',
    )
  }
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

/** An address, or a block of at most 128. */
function readIps(text: string): string[] {
  const [address = '', bits] = text.split('/')
  if (bits === undefined && (isIPv4(address) || isIPv6(address))) return [address]
  const size = 2 ** (32 - Number(bits))
  if (!isIPv4(address) || !(size <= 128)) {
    throw display(`Could not parse provided allocation IP address (${text}): Invalid IP address format`)
  }
  const first = address.split('.').reduce((number, part) => number * 256 + Number(part), 0)
  const start = first - (first % size)
  return Array.from({ length: size }, (_, index) =>
    [24, 16, 8, 0].map((shift) => Math.floor((start + index) / 2 ** shift) % 256).join('.'),
  )
}
