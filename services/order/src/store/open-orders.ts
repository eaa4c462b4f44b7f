import { createHash } from 'node:crypto'
import type { Customer } from '@spawnpoint/contracts'
import { join, sql, type Transaction } from '@spawnpoint/database'
import { Problem } from '@spawnpoint/service-kit'
import { emailForms } from '../rules/order/email-forms.ts'

/** What may still be paid after its page has closed: a payment of the last moment is known later. */
const afterEndMinutes = 30
/** An order whose page was never made is given up by then. */
const withoutPageMinutes = 30
const slots = 256

/** Refuses one more order of a customer who has as many unpaid ones with an open checkout as allowed. */
export async function refuseTooManyOpen(db: Transaction, customer: Customer, atMost: number): Promise<void> {
  const open = await openOrdersOf(db, customer)
  if (open.length < atMost) return
  throw new Problem(
    409,
    'too_many_open_orders',
    `This customer has ${open.length} unpaid orders (${open.slice(0, 5).join(', ')}), and may have ${atMost}: have one of them paid (GET /orders/:id has its checkout_url), or cancel it (POST /orders/:id/cancel), then send the same request again. A checkout that nobody pays on closes by itself.`,
  )
}

/** Until the transaction ends no other order of this customer is counted: of two at once, the second sees the first. */
export async function lockCustomer(tx: Transaction, customer: Customer): Promise<void> {
  const names = [...emailForms(customer.email).toSorted().slice(0, 1), ...(customer.id ? [customer.id] : [])]
  const wanted = [...new Set(names.map(slotOf))].toSorted((a, b) => a - b)
  await tx.$executeRaw(sql`INSERT INTO customer_lock (slot) VALUES ${join(wanted.map((slot) => sql`(${slot})`))}
    ON DUPLICATE KEY UPDATE slot = VALUES(slot)`)
}

async function openOrdersOf(db: Transaction, { id, email }: Customer): Promise<string[]> {
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
