import { type Payment, paymentSchema } from '@spawnpoint/contracts'
import { sql, type Transaction } from '@spawnpoint/database'

export async function readPayment(db: Transaction, id: string): Promise<Payment | null> {
  const [row] = await db.$queryRaw<{ state: string }[]>(sql`SELECT state FROM payment WHERE id = ${id}`)
  return row ? paymentSchema.parse(JSON.parse(row.state)) : null
}
