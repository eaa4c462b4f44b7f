import { createHash } from 'node:crypto'
import type { Customer } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'
import { emailForms } from '../rules/order/email-forms.ts'

/** What may still be paid after its page has closed: a payment of the last moment is known later. */
const afterEndMinutes = 30
/** An order whose page was never made is given up by then. */
const withoutPageMinutes = 30
const slots = 256

/** Until the transaction ends no other order of this customer is counted: of two at once, the second sees the first. */
export async function lockCustomer(tx: Transaction, customer: Customer): Promise<void> {
  const names = [...emailForms(customer.email).toSorted().slice(0, 1), ...(customer.id ? [customer.id] : [])]
  const wanted = [...new Set(names.map(slotOf))].toSorted((a, b) => a - b)
  await tx.$executeRaw(sql`INSERT INTO customer_lock (slot) VALUES ${join(wanted.map((slot) => sql`(${slot})`))}
    ON DUPLICATE KEY UPDATE slot = VALUES(slot)`)
}

/** The unpaid orders of a customer whose checkout may still be paid. */
export async function openOrdersOf(db: Transaction, { id, email }: Customer): Promise<string[]> {
  const isOpen = sql`status = 'pending' AND billing_status = 'unpaid' AND payment_id IS NULL
    AND COALESCE(checkout_expires_at + INTERVAL ${afterEndMinutes} MINUTE, created_at + INTERVAL ${withoutPageMinutes} MINUTE)
      > UTC_TIMESTAMP(3)`
  const forms = emailForms(email)
  const byEmail = await db.$queryRaw<Row[]>(
    sql`SELECT id, seq, customer_email AS email FROM orders WHERE customer_email IN (${join(forms)}) AND ${isOpen}`,
  )
  const byId =
    id === null
      ? []
      : await db.$queryRaw<Row[]>(
          sql`SELECT id, seq, customer_email AS email FROM orders
              WHERE customer_id = ${id} AND CAST(customer_id AS BINARY) = CAST(${id} AS BINARY) AND ${isOpen}`,
        )
  // The column compares without accents, too: then it is another customer's.
  const same = byEmail.filter((row) => emailForms(row.email).some((form) => forms.includes(form)))
  const found = [...same, ...byId].toSorted((a, b) => Number(a.seq) - Number(b.seq))
  return [...new Set(found.map((row) => row.id))]
}

type Row = { id: string; seq: bigint | number; email: string }

function slotOf(name: string): number {
  return createHash('sha256').update(name).digest().readUInt16BE() % slots
}
