import type { Entitlement } from './entitlement.ts'
import type { ServerSeen } from './seen.ts'

/** How one customer stood when somebody looked. */
type Observation = { at: number; entitlement: Entitlement; servers: readonly ServerSeen[] }

/** What is seen of each server between the steps of the clock: what was wrong meanwhile and is right at the end. */
export function createServerHistory() {
  const seen = new Map<string, Observation[]>()
  const harmed = new Map<string, string>()

  return {
    observe(name: string, observation: Observation) {
      const last = [...(seen.get(name) ?? []), observation].slice(-3)
      seen.set(name, last)
      const why = harmOf(last)
      if (why !== null && !harmed.has(name)) harmed.set(name, why)
    },
    /** By the name of the server. */
    harmed: (): ReadonlyMap<string, string> => harmed,
  }
}

/**
 * Stopped or deleted although its customer was entitled all the time: at the look before the last one too, since what was decided
 * then may arrive late.
 */
function harmOf(last: readonly Observation[]): string | null {
  const [before, now] = last.slice(-2)
  if (!before || !now || last.length < 3) return null
  if (!last.every(({ entitlement }) => entitlement.claim === 'entitled')) return null
  const [was] = before.servers
  if (was?.status !== null) return null
  const server = now.servers.find(({ id }) => id === was.id)
  if (server && server.status !== 'suspended') return null
  const when = `between ${new Date(before.at).toISOString()} and ${new Date(now.at).toISOString()}`
  return `Server ${was.id} was ${server ? 'suspended' : 'deleted'} ${when}; ${now.entitlement.why}`
}
