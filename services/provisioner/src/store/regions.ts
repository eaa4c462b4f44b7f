import { sql, type Transaction } from '@spawnpoint/database'
import { mainPanel } from '../panel-types/main-panel.ts'

/** On which panel the servers of a region are placed from now on. */
export async function panelOfRegion(db: Transaction, region: string): Promise<string> {
  const [row] = await db.$queryRaw<{ panel_id: string }[]>(
    sql`SELECT panel_id FROM region WHERE region = ${region}`,
  )
  return row?.panel_id ?? mainPanel
}
