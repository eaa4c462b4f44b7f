/** How something came into the journal other than by a webhook: an object that was looked at, an event that Stripe's list has. */
type FetchSource = 'seen' | 'backfill'

export type FetchedEvent = {
  source: FetchSource
  eventId: string
  type: string
  apiVersion: string | null
  livemode: boolean
  /** Of an object that was looked at: when, to the millisecond. Its state is as of then. */
  created: Date
  body: string
}
