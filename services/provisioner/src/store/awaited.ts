import { sql, type Transaction } from '@spawnpoint/database'
import type { PanelNodeId } from '../rules/reservations.ts'
import type { Server } from '../rules/server.ts'
import type { Wait } from '../rules/waiting-reasons.ts'
import { leaseHolds } from './leases.ts'

/** Says what a server waits for where nothing is said yet, without a change of its lease: whoever has it clears it with what follows. */
export async function sayAwaited(
  db: Transaction,
  server: Server,
  { class: name, message }: Wait,
): Promise<void> {
  await db.$executeRaw(
    sql`UPDATE server SET error_class = ${name}, error_message = ${message}
        WHERE ${leaseHolds(server)} AND error_class IS NULL`,
  )
}

/** Says of servers that are due why none of them is taken: their node is busy. */
export async function sayNodeBusy(
  db: Transaction,
  { panelId, nodeId }: PanelNodeId,
  { class: name, message }: Wait,
): Promise<void> {
  await db.$executeRaw(
    sql`UPDATE server SET error_class = ${name}, error_message = ${message}
        WHERE panel_id = ${panelId} AND next_attempt_at <= UTC_TIMESTAMP(3) AND node_id = ${nodeId}
          AND (lease_until IS NULL OR lease_until <= UTC_TIMESTAMP(3)) AND error_class IS NULL`,
  )
}
