import type { Allocation, Egg, EggVariable, Location, Nest, Node, User } from './tables/rows.ts'

type Seed<Row, Needed extends keyof Row> = Pick<Row, Needed> & Partial<Row>

/** What must be given for a row; the rest is as the panel's own forms would fill it in. */
export type Seeds = {
  user: Seed<User, 'id' | 'username' | 'email' | 'first_name' | 'last_name'>
  location: Seed<Location, 'id' | 'short' | 'long'>
  node: Seed<Node, 'id' | 'location_id' | 'name' | 'memory' | 'disk'>
  allocation: Seed<Allocation, 'id' | 'node_id' | 'ip' | 'port'>
  nest: Seed<Nest, 'id' | 'name'>
  egg: Omit<Seed<Egg, 'id' | 'nest_id' | 'name' | 'docker_images' | 'startup'>, 'variables'> & {
    variables?: Seed<EggVariable, 'id' | 'name' | 'env_variable' | 'rules'>[]
  }
}

/** What a panel holds before anybody buys a server. The first user is its administrator. */
export type PanelSetup = {
  users: Seeds['user'][]
  locations: Seeds['location'][]
  nodes: Seeds['node'][]
  allocations: Seeds['allocation'][]
  nests: Seeds['nest'][]
  eggs: Seeds['egg'][]
}

/** One ip of a node with a run of ports. */
export function allocationRange(range: {
  firstId: number
  node: number
  ip: string
  firstPort: number
  count: number
}): Seeds['allocation'][] {
  return Array.from({ length: range.count }, (_, index) => ({
    id: range.firstId + index,
    node_id: range.node,
    ip: range.ip,
    port: range.firstPort + index,
  }))
}
