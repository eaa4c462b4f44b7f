import { setTimeout as delay } from 'node:timers/promises'
import type { StreamName } from '@spawnpoint/contracts'
import { done, log, openClient } from '@spawnpoint/stack'
import { connectNats } from '../src/connection/connect.ts'
import { startConsumer } from '../src/consumer/consume.ts'

// A service that consumes two streams, and that the payment called KILLER kills, as a bug in native code would.
const { DATABASE_URL = '', NATS_URL = '', KILLER } = process.env
const prisma = openClient(DATABASE_URL)
const nats = connectNats({ url: NATS_URL, name: 'killed', log })
const consumers: { name: string; stream: StreamName }[] = [
  { name: 'test-billing', stream: 'BILLING' },
  { name: 'test-order', stream: 'ORDER' },
]
for (const consumer of consumers)
  startConsumer({
    ...consumer,
    nats,
    prisma,
    wake: () => {},
    timeScale: 0.01,
    log,
    decide: async (tx, events, now) => {
      // Long enough that one who runs beside the killer is not done yet when the process dies.
      if (consumer.stream === 'ORDER') await delay(50 * events.length)
      if (events.some(({ subject }) => subject === KILLER)) process.kill(process.pid, 'SIGKILL')
      return done(tx, events, now)
    },
  })
