import type { OrderState } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'
import { mainPanel } from '../panel-types/main-panel.ts'
import { type PlanSpec, type PlanSpecRow, planSpecOf } from '../rules/plan-spec.ts'
import { specColumns } from './plan-specs.ts'

/** What has to be known of an order before its server is placed. */
export type PlacementInputs = {
  /** The panel on which servers of its region are placed from now on. */
  home: string
  /** Its plan on the given panel. */
  spec: PlanSpec | null
  /** It has a reservation. */
  hasReservation: boolean
  /** Its region has queued servers. */
  hasQueue: boolean
}

/** In one read, because most orders have no reservation and most regions no queue. */
export async function readPlacementInputs(
  db: Transaction,
  { order_id, plan, region }: OrderState,
  panelId: string,
): Promise<PlacementInputs> {
  const [row] = await db.$queryRaw<Row[]>(
    sql`SELECT COALESCE((SELECT panel_id FROM region WHERE region = ${region}), ${mainPanel}) AS home,
          EXISTS (SELECT 1 FROM allocation_claim WHERE order_id = ${order_id}) AS has_reservation,
          EXISTS (SELECT 1 FROM waiting WHERE region = ${region}) AS has_queue, ${specColumns}
        FROM (SELECT 1 AS one) AS one LEFT JOIN plan_spec ON plan = ${plan} AND panel_id = ${panelId}`,
  )
  if (!row) throw new Error('A SELECT without a condition gave no row')
  return {
    home: row.home,
    spec: row.pteroEggId === null ? null : planSpecOf({ ...row, pteroEggId: row.pteroEggId }),
    hasReservation: Number(row.has_reservation) === 1,
    hasQueue: Number(row.has_queue) === 1,
  }
}

type Truth = bigint | number
type Row = Omit<PlanSpecRow, 'pteroEggId'> & {
  pteroEggId: number | null
  home: string
  has_reservation: Truth
  has_queue: Truth
}
