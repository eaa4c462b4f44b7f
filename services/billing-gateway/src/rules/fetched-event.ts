/** How an event came into the journal other than by a webhook: a fetched object (`seen`), or an event from Stripe's list (`backfill`). */
type FetchSource = 'seen' | 'backfill'

export type FetchedEvent = {
  source: FetchSource
  eventId: string
  type: string
  apiVersion: string | null
  livemode: boolean
  /** Of a fetched object: when it was fetched, to the millisecond. Its state is as of then. */
  created: Date
  body: string
}
