export type UpdateResult =
  | { outcome: 'done'; message: string; orderId: string | null }
  /** `waitingFor`: the id of Stripe's that would make it ours, once it is known to be. */
  | { outcome: 'ignored'; reason: string; waitingFor: string | null }
  /** Only Stripe knows: `target` says what to ask it for. */
  | { outcome: 'look'; target: string }

export type UpdateContext = { happenedAt: Date; wasLooked: boolean }
