/**
 * The statements of a whole batch, with their values as literals instead of parameters. CPU of the process per statement,
 * literals against parameters (two cores, MariaDB 10.11): a journal insert of 50 events of 3 KB 1.5 against 2.4 ms, marks of 256
 * events 0.5 against 1.1 ms. Payments and subscriptions, mostly one long text each, would gain a tenth: they have parameters.
 */
import type { Sql } from '@spawnpoint/database'
import { inlineJoin, inlineSql } from '@spawnpoint/database/inline-sql'

export type Delivery = {
  /** The connected account it happened on; '' for the seller's own. */
  account: string
  eventId: string
  type: string
  apiVersion: string | null
  livemode: boolean
  created: Date
  body: Buffer
  deliveries: number
}

export function insertJournal(entries: Delivery[]): Sql {
  const rows = entries.map(
    ({ account, eventId, type, apiVersion, livemode, created, body, deliveries }) =>
      inlineSql`(${account}, ${eventId}, ${type}, ${apiVersion}, ${livemode}, ${created}, ${body}, ${deliveries},
        UTC_TIMESTAMP(3), 'webhook', UTC_TIMESTAMP(3))`,
  )
  return inlineSql`INSERT INTO stripe_event (account, event_id, type, api_version, livemode, created, body, deliveries,
      received_at, source, next_attempt_at)
    VALUES ${inlineJoin(rows)}
    ON DUPLICATE KEY UPDATE deliveries = deliveries + VALUES(deliveries)`
}

export type Settled = { seq: bigint; waitingFor: string | null }

/** `reason`: why they are ignored; null where they are done. */
export function markProcessed(settled: Settled[], reason: string | null): Sql {
  return inlineSql`UPDATE stripe_event SET processed_at = UTC_TIMESTAMP(3), attempts = attempts + 1, error = NULL,
      outcome = ${reason === null ? 'done' : 'ignored'}, reason = ${reason}, waiting_for = ${waitingFor(settled)},
      room = ''
    WHERE seq IN (${inlineJoin(settled.map(({ seq }) => seq))})`
}

function waitingFor(settled: Settled[]): Sql | null {
  const waiting = settled.filter(({ waitingFor }) => waitingFor !== null)
  if (waiting.length === 0) return null
  const cases = waiting.map(({ seq, waitingFor }) => inlineSql`WHEN ${seq} THEN ${waitingFor}`)
  return inlineSql`CASE seq ${inlineJoin(cases, ' ')} END`
}
