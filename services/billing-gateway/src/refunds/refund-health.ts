import type { Transaction } from '@spawnpoint/database'
import type { RefundMode } from '../rules/refund-request.ts'
import { countRefunds } from '../store/refund-requests.ts'

type Options = { mode: RefundMode; perDay: number }
/** Why somebody has to look; null when nobody has to. */
export async function refundProblem(db: Transaction, options: Options): Promise<string | null> {
  const { waiting, capped, retrying, failed } = await countRefunds(db, options)
  const parts = [
    waiting > 0 && options.mode !== 'automatic'
      ? `${waiting} wait for \`npx spawnpoint refunds approve\``
      : '',
    capped > 0 ? `${capped} wait for tomorrow: REFUNDS_PER_DAY is ${options.perDay}` : '',
    retrying > 0 ? `${retrying} are not through yet` : '',
    failed > 0 ? `${failed} failed, or came back from the bank: \`npx spawnpoint refunds list\`` : '',
  ].filter(Boolean)
  return parts.length === 0 ? null : parts.join('; ')
}
