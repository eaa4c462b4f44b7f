import { setTimeout as delay } from 'node:timers/promises'
import type { PrivateMysql } from '@spawnpoint/stack'

const outageMs = 5_000

/** What happens to the database; each settles when it is back. */
export const outages: Record<string, (mysql: PrivateMysql, signal: AbortSignal) => Promise<void>> = {
  async frozen(mysql, signal) {
    process.kill(mysql.pid(), 'SIGSTOP')
    try {
      await delay(outageMs, undefined, { signal })
    } finally {
      process.kill(mysql.pid(), 'SIGCONT')
    }
  },

  async 'shut down'(mysql, signal) {
    const over = delay(outageMs, undefined, { signal })
    process.kill(mysql.pid(), 'SIGTERM')
    await Promise.all([mysql.exited, over])
    await mysql.start()
  },
}
