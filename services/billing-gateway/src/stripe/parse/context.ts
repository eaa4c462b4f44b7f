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

/** Where a update was read: when it context, and whether Stripe was looked at for it. */
export type ParseContext = { at: Date; isFetched: boolean; type: string }
