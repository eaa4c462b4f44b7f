import type { Subscription } from 'nats'
import type { Nats } from '../connection/connect.ts'

/** Wakes the other replicas of the service, over core NATS: a replica that misses it loses nothing but time. */
export function callReplicas({
  nats,
  subject,
  onCall,
}: {
  nats: Nats
  subject: string
  onCall: () => void
}): { call(): void; stop(): void } {
  let subscription: Subscription | undefined
  let publish = () => {}
  let stopped = false
  nats.connection().then(
    (connection) => {
      if (stopped) return
      subscription = connection.subscribe(subject, { callback: onCall })
      publish = () => connection.publish(subject)
    },
    () => {},
  )
  return {
    call: () => {
      if (!stopped && nats.isConnected()) publish()
    },
    stop: () => {
      stopped = true
      subscription?.unsubscribe()
    },
  }
}
