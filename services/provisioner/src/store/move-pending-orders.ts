import { sql, type Transaction } from '@spawnpoint/database'

/**
 * With its region an order comes to another panel, unless a server was asked for already; one that is driven just now finds
 * out by itself. Whoever waits on a panel that hangs would else wait for its turn there.
 */
export async function bringOrdersAlong(
  tx: Transaction,
  { region, panelId }: { region: string; panelId: string },
): Promise<void> {
  await tx.$executeRaw(
    sql`UPDATE server SET panel_id = ${panelId}, next_attempt_at = IF(next_attempt_at IS NULL, NULL, UTC_TIMESTAMP(3))
        WHERE generation = 0 AND ptero_server_id IS NULL AND lease_token IS NULL AND panel_id <> ${panelId}
          AND JSON_UNQUOTE(JSON_EXTRACT(order_state, '$.region')) = ${region}`,
  )
}
