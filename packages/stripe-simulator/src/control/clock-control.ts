import { z } from 'zod'
import type { Account } from '../account.ts'
import { ApiError } from '../api/api-error.ts'
import { type BillingSettings, billingSettings } from '../billing-settings.ts'
import type { Clock } from '../clock/clock.ts'
import { stepsTo } from '../clock/run-due.ts'
import type { SnapshotEvent } from '../events.ts'

export const clockMove = z.union([
  z.strictObject({ advance_seconds: z.number().min(0) }),
  z.strictObject({ advanceMs: z.number().min(0) }),
  /** Unix seconds or an ISO date. */
  z.strictObject({ to: z.union([z.number(), z.iso.datetime({ offset: true })]) }),
])

export const billingChange = billingSettings.partial()

export type ClockMove = z.infer<typeof clockMove>

export function createClockControl({
  account,
  clock,
  deliveriesQuiet,
}: {
  account: Account
  clock: Clock
  deliveriesQuiet: () => Promise<void>
}) {
  return {
    /**
     * Moves the account's time on, and lets happen on the way what becomes due, each thing at its own time; returns the new
     * time in milliseconds. Webhooks are on their way when it returns.
     */
    advanceClock(ms: number) {
      for (const _ of stepsTo(account, clock, clock.now() + ms));
      return clock.now()
    },

    /** The same, but at each time on the way it waits until the webhooks of that time have been answered, or were not. */
    async moveClock(move: ClockMove): Promise<{ now: number; events: readonly SnapshotEvent[] }> {
      const target = targetOf(move, clock.now())
      const events: SnapshotEvent[] = []
      const stop = account.onEvent((event) => events.push(event))
      await deliveriesQuiet()
      for (const _ of stepsTo(account, clock, target)) await deliveriesQuiet()
      stop()
      return { now: clock.now(), events }
    },

    now: () => clock.now(),

    billing: (): BillingSettings => ({ ...account.billing }),
    /** What the seller sets in the dashboard: when to try again, and what then. */
    setBilling(settings: z.input<typeof billingChange>): BillingSettings {
      Object.assign(account.billing, billingChange.parse(settings))
      return { ...account.billing }
    },
  }
}

function targetOf(move: ClockMove, now: number) {
  if ('advance_seconds' in move) return now + move.advance_seconds * 1000
  if ('advanceMs' in move) return now + move.advanceMs
  const target = typeof move.to === 'number' ? move.to * 1000 : Date.parse(move.to)
  if (target < now)
    throw new ApiError(400, `The clock is at ${new Date(now).toISOString()} and does not go back.`)
  return target
}
