export type NothingSaid = {
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

/** Where a fact was read: when it happened, and whether Stripe was looked at for it. */
export type Reading = { at: Date; isLook: boolean; type: string }
