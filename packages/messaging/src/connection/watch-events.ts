import { type AnyEvent, readEvent } from '@spawnpoint/contracts'
import { connect } from 'nats'
import { natsOptions } from './nats-url.ts'

/** Shows events as they are published, for display only: nothing is stored, acknowledged or replayed. */
export async function watchEvents(options: {
  natsUrl: string
  onEvent: (event: AnyEvent) => void
}): Promise<AsyncDisposable> {
  const connection = await connect(natsOptions(options.natsUrl))
  for (const subject of ['payment.>', 'subscription.>', 'order.>', 'server.>'])
    connection.subscribe(subject, {
      callback: (_, message) => {
        const event = readEvent(message.data, message.subject)
        if (!('problem' in event)) options.onEvent(event)
      },
    })
  await connection.flush()
  return { [Symbol.asyncDispose]: () => connection.close() }
}
