import type { PanelServer } from '../panel-types/resources.ts'
import type { PlanSpec } from './plan-spec.ts'
import type { Server } from './server.ts'

/** What the panel's list shows of a server, as far as it is compared. */
export type Shown = {
  id: number
  uuid: string
  external_id: string | null
  description: string
  status: string | null
  user: number
  limits: PlanSpec['limits']
  egg: number
  node: number
  allocation: number
  container: { environment: Record<string, unknown> }
  relationships?: Pick<NonNullable<PanelServer['relationships']>, 'allocations' | 'node'> | undefined
}

/** A row that is not being reconciled, and the desired state of its server. */
export type Known = {
  order_id: string
  desired: 'none' | 'running' | 'suspended' | 'terminated'
  status: Server['status']
  generation: number
  ptero_server_id: number | null
  ptero_uuid: string | null
  ptero_identifier: string | null
  node_id: number | null
  allocation_id: number | null
  address: string | null
  moved_region: string | null
  region: string
  /** The user of its customer, where one is stored. */
  user: number | null
  /** Of its plan, where it has one. */
  spec: Pick<PlanSpec, 'limits' | 'ptero_egg_id' | 'ports'> | null
  /** The egg variables that its order and its plan set, as far as their values are known; `isSecret`: generated for it. */
  variables: Record<string, { value: string; isSecret: boolean }>
}

/** `value`: what the panel shows of the field. */
export type Difference = { field: string; value: string; text: string }
