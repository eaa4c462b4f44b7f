import { join, type Sql, sql } from '@spawnpoint/database'

/** Which rows are of these PaymentIntents or charges; each column has its index. At least one is given. */
export function ofCharges({ paymentIntents, charges }: { paymentIntents: string[]; charges: string[] }): Sql {
  return join(
    [
      ...(paymentIntents.length > 0 ? [sql`payment_intent_id IN (${join(paymentIntents)})`] : []),
      ...(charges.length > 0 ? [sql`charge_id IN (${join(charges)})`] : []),
    ],
    ' OR ',
  )
}
