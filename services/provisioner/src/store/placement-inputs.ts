import type { OrderState } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'
import { mainPanel } from '../panel-types/main-panel.ts'
import { type PlanSpec, type PlanSpecRow, planSpecOf } from '../rules/plan-spec.ts'
import { specColumns } from './plan-specs.ts'

/** What is to be known of an order before its server is given a place. */
export type Prospects = {
  /** On which panel the servers of its region are placed from now on. */
  home: string
  /** What its plan is on the panel that was asked about. */
  spec: PlanSpec | null
  /** It was promised a place before. */
  hasPlace: boolean
  /** Somebody waits for a place in its region. */
  hasLine: boolean
}

/** In one read, for most orders need nothing more of it: nobody waits, and they were promised nothing. */
export async function placeProspects(
  db: Transaction,
  { order_id, plan, region }: OrderState,
  panelId: string,
): Promise<Prospects> {
  const [row] = await db.$queryRaw<Row[]>(
    sql`SELECT COALESCE((SELECT panel_id FROM region WHERE region = ${region}), ${mainPanel}) AS home,
          EXISTS (SELECT 1 FROM allocation_claim WHERE order_id = ${order_id}) AS hasPlace,
          EXISTS (SELECT 1 FROM waiting WHERE region = ${region}) AS hasLine, ${specColumns}
        FROM (SELECT 1 AS one) AS one LEFT JOIN plan_spec ON plan = ${plan} AND panel_id = ${panelId}`,
  )
  if (!row) throw new Error('A SELECT without a condition gave no row')
  return {
    home: row.home,
    spec: row.pteroEggId === null ? null : planSpecOf({ ...row, pteroEggId: row.pteroEggId }),
    hasPlace: Number(row.hasPlace) === 1,
    hasLine: Number(row.hasLine) === 1,
  }
}

type Truth = bigint | number
type Row = Omit<PlanSpecRow, 'pteroEggId'> & {
  pteroEggId: number | null
  home: string
  hasPlace: Truth
  hasLine: Truth
}
