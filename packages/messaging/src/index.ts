// How events travel. Read in this order: outbox, relay, publish, streams; durable, pull, watchdog, consume, process-batch, inbox,
// parked, isolate, dead-letter, advisories; repair-streams, removed-events, lost-events, housekeeping; open-health.
export { connectNats, describeNats, isOutage, jetStreamAnswers, type Nats } from './connection/connect.ts'
// For packages/operations, which decides events again outside a consumer, and for tests.
export { type Found, readStream, type StreamPage } from './connection/read-stream.ts'
export {
  ensureStream,
  epochOf,
  findStream,
  limitsOf,
  maxAgeMs,
  storedMessage,
  streamManager,
} from './connection/streams.ts'
export { watchEvents } from './connection/watch-events.ts'
export { type ConsumerDefinition, type ConsumerOptions, startConsumer } from './consumer/consume.ts'
export { recordDeadLetter } from './consumer/dead-letter.ts'
export { claim, type Decide, forgetOutcome, type Outcome, reasonOf, writeOutcomes } from './consumer/inbox.ts'
export { decideParked } from './consumer/parked.ts'
export { decideFirstTime } from './consumer/process-batch.ts'
export { describeAge } from './health/age.ts'
export { openHealth } from './health/open-health.ts'
export { holdInterval, type Lease, openLease } from './jobs/lease.ts'
export { type Loop, startLoop } from './jobs/loop.ts'
export { appendOutbox, derivedId, newEvent } from './outbox/outbox.ts'
export { eventIdOf } from './outbox/publish.ts'
export { type Relay, startRelay } from './outbox/relay.ts'
export { answerRequests, ask, type RequestContract, RequestRefused } from './rpc/request.ts'
export { startMessaging } from './start-messaging.ts'
