import { isDatabaseAway, isRace } from '@spawnpoint/database'
import { NatsError } from 'nats'

/** The database or NATS failed for the moment; anything else is a mistake in our code. */
export function isOutage(error: unknown): boolean {
  return error instanceof NatsError || isDatabaseAway(error) || isRace(error)
}
