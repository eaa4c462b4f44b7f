/**
 * The statements of a whole batch, with their values as literals instead of parameters: an order has thirty columns. CPU of the
 * process per statement, literals against parameters (two cores, MariaDB 10.11): 64 orders 1.4 against 3.6 ms, their history 0.6
 * against 0.9 ms (11 ms with `createMany`).
 */
import { raw, type Sql } from '@spawnpoint/database'
import { inlineJoin, inlineSql } from '@spawnpoint/database/inline-sql'
import type { Order } from '../rules/order/order.ts'
import { clip, savedColumns, savedValues } from './order-row.ts'

export function upsertOrders(changed: { order: Order; at: Date }[]): Sql {
  const rows = changed.map(
    ({ order, at }) => inlineSql`(${order.id}, ${at}, ${at}, ${inlineJoin(savedValues(order))})`,
  )
  return inlineSql`INSERT INTO orders (id, created_at, ${names})
    VALUES ${inlineJoin(rows)}
    ON DUPLICATE KEY UPDATE ${newValues},
      alarmed_at = IF(VALUES(status) = 'provisioned', NULL, alarmed_at)`
}

const names = inlineJoin(['updated_at', ...savedColumns].map((name) => raw(name)))
const newValues = inlineJoin(['updated_at', ...savedColumns].map((name) => raw(`${name} = VALUES(${name})`)))

type Entry = { order: Order; at: Date; cause: string; note: string | null }

export function insertHistory(entries: Entry[]): Sql {
  const rows = entries.map(
    ({ order: { id, status, billing_status }, cause, note, at }) =>
      inlineSql`(${id}, ${at}, ${cause}, ${status}, ${billing_status}, ${clip(note)})`,
  )
  return inlineSql`INSERT INTO order_history (order_id, at, cause, status, billing_status, note) VALUES ${inlineJoin(rows)}`
}
