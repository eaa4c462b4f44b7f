import { z } from 'zod'
import { ApiError } from '../api/api-error.ts'

/** How a card answers when it is charged. */
export const card = z.enum([
  'works',
  'declined',
  'insufficient_funds',
  'expired',
  'lost',
  'requires_action',
  /** No payment method at all. */
  'none',
  /** A direct debit, which the bank answers days later: yes, or no. */
  'bank_debit',
  'bank_debit_fails',
])
export type Card = z.infer<typeof card>
export type Declining = Exclude<Card, 'works' | 'none' | 'bank_debit' | 'bank_debit_fails'>

/** Whether nothing speaks against the payment when it is asked for. */
export function isAccepted(answer: Card): answer is 'works' | 'bank_debit' | 'bank_debit_fails' {
  return answer === 'works' || isDebit(answer)
}

export function isDebit(answer: Card): answer is 'bank_debit' | 'bank_debit_fails' {
  return answer === 'bank_debit' || answer === 'bank_debit_fails'
}

type Refusal = { code: string; decline_code: string | null; message: string }

const refusals: Record<Declining, Refusal> = {
  declined: {
    code: 'card_declined',
    decline_code: 'generic_decline',
    message: 'Your card was declined.',
  },
  insufficient_funds: {
    code: 'card_declined',
    decline_code: 'insufficient_funds',
    message: 'Your card has insufficient funds.',
  },
  expired: { code: 'expired_card', decline_code: 'expired_card', message: 'Your card has expired.' },
  lost: { code: 'card_declined', decline_code: 'lost_card', message: 'Your card was declined.' },
  requires_action: {
    code: 'authentication_required',
    decline_code: 'authentication_required',
    message: 'Your card was declined. This transaction requires authentication.',
  },
}

export function refusalOf(answer: Declining): Refusal {
  return refusals[answer]
}

/** What the API answers when a payment that has to succeed is refused. */
export function cardError(answer: Exclude<Card, 'works' | 'bank_debit' | 'bank_debit_fails'>) {
  if (answer === 'none') {
    return new ApiError(
      400,
      'This customer has no attached payment source or default payment method. Please consider adding a default payment method.',
      { code: 'resource_missing' },
    )
  }
  const { code, decline_code, message } = refusalOf(answer)
  return new ApiError(402, message, {
    type: 'card_error',
    code,
    ...(decline_code !== null && { decline_code }),
  })
}
