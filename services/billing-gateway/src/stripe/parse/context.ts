export type IgnoredEvent = {
  ignored:
    | 'thin_event'
    | 'type_not_used'
    | 'connected_account'
    | 'wrong_mode'
    | 'not_a_sale'
    | 'not_ours'
    | 'not_of_a_subscription'
    | 'first_period'
    | 'nothing_to_collect'
}

/** When the event happened, and whether it was fetched from Stripe. */
export type ParseContext = { at: Date; isFetched: boolean; type: string }
