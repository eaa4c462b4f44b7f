export { addDeadLetterRoutes } from './dead-letters/dead-letter-routes.ts'
export { describeRecovered, type Recovered, recover } from './recovery/recover.ts'
export type { ShowOrder } from './replay/replay-preview.ts'
export { addReplayRoutes } from './replay/replay-routes.ts'
