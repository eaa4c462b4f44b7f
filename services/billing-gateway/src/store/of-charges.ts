import { join, type Sql, sql } from '@spawnpoint/database'

export type Charges = { paymentIntents: string[]; charges: string[] }

/** Rows of these PaymentIntents or charges, each by its own index. At least one is given. */
export function ofCharges(select: Sql, { paymentIntents, charges }: Charges): Sql {
  return join(
    [
      ...(paymentIntents.length > 0
        ? [sql`${select} WHERE payment_intent_id IN (${join(paymentIntents)})`]
        : []),
      ...(charges.length > 0 ? [sql`${select} WHERE charge_id IN (${join(charges)})`] : []),
    ],
    ' UNION ',
  )
}
