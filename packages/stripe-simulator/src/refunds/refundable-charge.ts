import { type Account, must } from '../account.ts'
import { ApiError, missingParam } from '../api/api-error.ts'

type Which = { payment_intent?: string | undefined; charge?: string | undefined }

/** The charge that is meant: named itself, or over its payment intent. */
export function chargeFor(account: Account, { payment_intent, charge }: Which) {
  if ((payment_intent === undefined) === (charge === undefined)) {
    throw new ApiError(
      400,
      'One of the following params should be provided for this request: payment_intent or charge.',
    )
  }
  const found =
    charge === undefined ? chargeOfIntent(account, payment_intent ?? '') : account.charges.get(charge)
  if (!found) throw missingParam('charge', charge ?? '', 'charge')
  return found
}

export function refundableCharge(account: Account, which: Which) {
  const found = chargeFor(account, which)
  if (found.status !== 'succeeded') {
    throw new ApiError(400, `Charge ${found.id} cannot be refunded: it is ${found.status}.`)
  }
  if (isChargedBack(account, found.id)) {
    throw new ApiError(400, `Charge ${found.id} has been charged back; cannot issue a refund.`, {
      code: 'charge_disputed',
    })
  }
  return found
}

function chargeOfIntent(account: Account, id: string) {
  const intent = account.paymentIntents.get(id)
  if (!intent) throw missingParam('payment_intent', id, 'payment_intent')
  if (intent.status === 'succeeded') return must(account.charges, String(intent.latest_charge))
  throw new ApiError(400, `This PaymentIntent (${id}) does not have a successful charge to refund.`, {
    code: 'payment_intent_unexpected_state',
    param: 'payment_intent',
  })
}

/** An inquiry can still be refunded, a won dispute again; what the bank has taken back cannot. */
function isChargedBack(account: Account, charge: string) {
  return account.disputes.all().some((dispute) => dispute.charge === charge && !dispute.is_charge_refundable)
}
