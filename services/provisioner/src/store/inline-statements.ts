/**
 * The statement of a whole batch, with its values as literals instead of parameters. CPU of the process for 256 orders, literals
 * against parameters (two cores, MariaDB 10.11): 4.0 against 5.8 ms, of 38 ms that consuming them takes in all.
 */
import type { OrderState } from '@spawnpoint/contracts'
import type { Sql } from '@spawnpoint/database'
import { inlineJoin, inlineSql } from '@spawnpoint/database/inline-sql'
import { mainPanel } from '../panel-types/main-panel.ts'

export function upsertServers(orders: OrderState[]): Sql {
  const rows = orders.map(
    (order) =>
      inlineSql`(${order.order_id}, ${order.desired}, ${order.version}, ${JSON.stringify(order)}, 'none',
        COALESCE((SELECT panel_id FROM region WHERE region = ${order.region}), ${mainPanel}),
        IF(${order.desired} <> 'none', UTC_TIMESTAMP(3), NULL), UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
  )
  // Left to right: next_attempt_at sees the previous desired.
  return inlineSql`INSERT INTO server
      (order_id, desired, order_version, order_state, status, panel_id, next_attempt_at, created_at, updated_at)
    VALUES ${inlineJoin(rows)}
    ON DUPLICATE KEY UPDATE
      panel_id = IF(generation = 0 AND version = 0, VALUES(panel_id), panel_id),
      next_attempt_at = CASE
        WHEN VALUES(desired) = 'none' OR desired = 'terminated' THEN next_attempt_at
        WHEN desired <> VALUES(desired) THEN UTC_TIMESTAMP(3)
        WHEN status = 'failed' THEN next_attempt_at
        ELSE COALESCE(next_attempt_at, UTC_TIMESTAMP(3)) END,
      desired = IF(desired = 'terminated', desired, VALUES(desired)), order_version = VALUES(order_version), order_state = VALUES(order_state),
      updated_at = VALUES(updated_at)`
}
