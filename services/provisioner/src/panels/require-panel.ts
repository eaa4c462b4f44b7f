import { sql, type Transaction } from '@spawnpoint/database'
import { Problem } from '@spawnpoint/service-kit'
import { mainPanel } from '../panel-types/main-panel.ts'
import type { Panels } from './panels.ts'

/** 422 with the known ones where a body or a query names another. */
export async function requirePanel(panels: Panels, id: string): Promise<void> {
  const known = await panels.ids()
  if (!known.includes(id)) throw noSuchPanel(id, known)
}

function noSuchPanel(id: string, known: string[]): Problem {
  const detail = `There is no panel ${id}; there is ${known.join(', ')}. PUT /admin/panels/${id} makes one.`
  return new Problem(422, 'panel_unknown', detail, { errors: [{ path: 'panel', message: detail }] })
}

/** Until the transaction ends nobody takes the panel away; 422 where somebody just has. */
export async function lockPanel(tx: Transaction, id: string): Promise<void> {
  if (id === mainPanel) return
  const rows = await tx.$queryRaw<unknown[]>(sql`SELECT 1 FROM panel WHERE id = ${id} FOR UPDATE`)
  if (rows.length === 0) throw noSuchPanel(id, [mainPanel])
}
