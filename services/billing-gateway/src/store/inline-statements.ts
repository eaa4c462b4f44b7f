/**
 * The statements of a whole batch, with their values as literals instead of parameters. CPU of the process per statement,
 * literals against parameters (two cores, MariaDB 10.11): a journal insert of 50 events of 3 KB 1.5 against 2.4 ms, marks of 256
 * events 0.5 against 1.1 ms, 256 payments 2.3 against 5.8 ms, of 105 ms that processing them takes in all. Nothing else gains as
 * much.
 */
import type { Sql } from '@spawnpoint/database'
import { inlineJoin, inlineSql } from '@spawnpoint/database/inline-sql'
import type { StoredPayment } from '../rules/stored-payment.ts'
import type { KnownSubscription } from '../rules/subscription.ts'

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

export function insertPayments(payments: StoredPayment[]): Sql {
  return inlineSql`INSERT INTO payment (id, version, status, order_id, payment_intent_id, charge_id, invoice_id, session_id,
      subscription_id, state, created_at, updated_at)
    VALUES ${inlineJoin(payments.map(paymentRow))}`
}

export function upsertPayments(payments: StoredPayment[]): Sql {
  return inlineSql`${insertPayments(payments)}
    ON DUPLICATE KEY UPDATE version = VALUES(version), status = VALUES(status), order_id = VALUES(order_id),
      payment_intent_id = VALUES(payment_intent_id), charge_id = VALUES(charge_id),
      invoice_id = VALUES(invoice_id), session_id = VALUES(session_id),
      subscription_id = VALUES(subscription_id), state = VALUES(state), updated_at = VALUES(updated_at)`
}

function paymentRow(payment: StoredPayment): Sql {
  const { payment_id, version, status, order_id, payment_intent_id, charge_id, invoice_id } = payment
  return inlineSql`(${payment_id}, ${version}, ${status}, ${order_id}, ${payment_intent_id}, ${charge_id}, ${invoice_id},
    ${payment.checkout_session_id}, ${payment.subscription_id}, ${JSON.stringify(payment)}, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`
}

export function upsertSubscriptions(known: NonNullable<KnownSubscription>[]): Sql {
  const rows = known.map(({ subscription, asOf }) => {
    const { subscription_id, version, status, order_id } = subscription
    return inlineSql`(${subscription_id}, ${version}, ${status}, ${order_id}, ${asOf}, ${JSON.stringify(subscription)},
      UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`
  })
  return inlineSql`INSERT INTO subscription (id, version, status, order_id, as_of, state, created_at, updated_at)
    VALUES ${inlineJoin(rows)}
    ON DUPLICATE KEY UPDATE version = VALUES(version), status = VALUES(status), order_id = VALUES(order_id),
      as_of = VALUES(as_of), state = VALUES(state), updated_at = VALUES(updated_at)`
}
