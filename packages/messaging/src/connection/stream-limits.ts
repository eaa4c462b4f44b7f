import type { StreamInfo } from 'nats'
import { maxAgeMs, maxAgeOf } from './streams.ts'

type Limit = { what: string; reset: string }

/** Why this stream may remove events before every consumer has read them: limits that somebody set on it by hand. */
export function describeLimits({ config }: Pick<StreamInfo, 'config'>): string | null {
  const limits = limitsOf(config)
  if (limits.length === 0) return null
  const what = limits.map((limit) => limit.what).join(', ')
  const reset = `nats stream edit ${config.name} ${limits.map((limit) => limit.reset).join(' ')}`
  return `Stream ${config.name} is limited by hand (${what}): events can be removed or refused before they are read. Reset it: ${reset}`
}

/** About how many events fit into the stream as it is limited; null without such a limit. */
export function capacityOf({ config, state }: Pick<StreamInfo, 'config' | 'state'>): number | null {
  const counts = [config.max_msgs, config.max_msgs_per_subject].filter(isSet)
  if (isSet(config.max_bytes) && state.messages > 0)
    counts.push(Math.floor(config.max_bytes / (state.bytes / state.messages)))
  return counts.length === 0 ? null : Math.max(1, Math.min(...counts))
}

function limitsOf(config: StreamInfo['config']): Limit[] {
  const limits: Limit[] = []
  if (isSet(config.max_msgs)) limits.push({ what: `max_msgs ${config.max_msgs}`, reset: '--max-msgs=-1' })
  if (isSet(config.max_msgs_per_subject))
    limits.push({
      what: `max_msgs_per_subject ${config.max_msgs_per_subject}`,
      reset: '--max-msgs-per-subject=-1',
    })
  if (isSet(config.max_bytes)) limits.push({ what: `max_bytes ${config.max_bytes}`, reset: '--max-bytes=-1' })
  const age = maxAgeOf({ config })
  if (age > 0 && age < maxAgeMs)
    limits.push({ what: `max_age ${Math.round(age / 1_000)} s`, reset: `--max-age=${maxAgeMs / 3_600_000}h` })
  if (config.discard === 'new') limits.push({ what: 'discard new', reset: '--discard=old' })
  return limits
}

function isSet(limit: number | undefined): limit is number {
  return limit !== undefined && limit > 0
}
