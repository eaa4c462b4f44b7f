import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ServiceProcess } from '@spawnpoint/stack'
import type { StripeSimulator } from '@spawnpoint/stripe-simulator'

export type Clock = ReturnType<typeof openClock>

// As seen from the built file.
const movedClock = fileURLToPath(new URL('../../e2e/test/moved-clock.mjs', import.meta.url))

/** Stripe's time and the order service's, moved together: each start of the service has to be given `changes`. */
export function openClock({ dataDir, stripe }: { dataDir: string; stripe: StripeSimulator }) {
  const file = join(dataDir, 'clock-ahead-ms')
  const changes: Parameters<ServiceProcess['start']>[0] = {
    env: { CLOCK_FILE: file },
    nodeArgs: ['--import', movedClock],
  }
  write()

  // Whoever reads it in between sees the old time or the new one.
  function write() {
    writeFileSync(`${file}.new`, String(stripe.now() - Date.now()))
    renameSync(`${file}.new`, file)
  }

  return {
    changes,
    now: () => stripe.now(),
    /** To a time in ms; never back. */
    moveTo(ms: number) {
      stripe.advanceClock(Math.max(0, ms - stripe.now()))
      write()
    },
  }
}
