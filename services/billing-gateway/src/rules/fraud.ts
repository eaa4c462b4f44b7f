import type { StoredPayment } from './stored-payment.ts'

/** An early fraud warning or a review. `closed` ones count as `open` ones do: only an approval clears a suspicion. */
export type FraudSignal = {
  signalId: string
  paymentIntentId: string | null
  chargeId: string | null
  status: (typeof signalStatuses)[number]
  sentence: string
}

const signalStatuses = ['open', 'closed', 'cleared'] as const

export function laterSignal(before: FraudSignal | undefined, signal: FraudSignal): FraudSignal {
  return before && rankOf(before) >= rankOf(signal) ? before : signal
}

function rankOf({ status }: FraudSignal): number {
  return signalStatuses.indexOf(status)
}

export function withFraudSignals(payment: StoredPayment, signals: FraudSignal[]): StoredPayment {
  const sentences = signals
    .filter(({ status }) => status !== 'cleared')
    .toSorted((a, b) => (a.signalId < b.signalId ? -1 : 1))
    .map(({ sentence }) => sentence)
  return { ...payment, fraud_warning: sentences.length > 0 ? sentences.join(' ').slice(0, 500) : null }
}
