import type { Transaction } from '@spawnpoint/database'
import { eraseFromJson } from '@spawnpoint/operations'
import { isForgotten } from '../rules/merge-payment.ts'
import type { StoredPayment } from '../rules/stored-payment.ts'
import { eraseEvents } from '../store/customer-billing.ts'
import { eraseStripeField } from '../stripe/erase-person.ts'

type Row = { seq: bigint; body: Uint8Array }

/**
 * What is processed is stored without persons where nobody needs them: of payments whose customer is forgotten, which Stripe may
 * still send something about, and of types that are not used, such as `customer.updated`.
 */
export async function eraseNeedless(
  tx: Transaction,
  { payments, used, unused }: { payments: Iterable<StoredPayment>; used: Row[]; unused: Row[] },
): Promise<void> {
  const names = [...payments].filter(isForgotten).flatMap(namesOf)
  const theirs = [...unused, ...(names.length === 0 ? [] : used.filter((row) => isNaming(row, names)))]
  await eraseEvents(
    tx,
    theirs.map(({ seq }) => seq),
    {
      erase: (body) => eraseFromJson(body, [], eraseStripeField),
      text: (error) => error,
      dryRun: false,
    },
  )
}

function isNaming({ body }: Row, names: string[]): boolean {
  const text = Buffer.from(body).toString()
  return names.some((name) => text.includes(name))
}

function namesOf({ payment_id, charged_by, invoice_id }: StoredPayment): string[] {
  return [payment_id, ...charged_by, ...(invoice_id === null ? [] : [invoice_id])]
}
