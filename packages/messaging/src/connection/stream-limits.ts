import type { Finding } from '@spawnpoint/service-kit'
import type { StreamInfo } from 'nats'
import { defaultLimits, maxAgeMs, maxAgeOf, type StreamLimits } from './streams.ts'

type Limit = { what: string; reset: string }

/** What of this stream was set by hand and may remove or refuse events before every consumer has read them; or that it is filling up. */
export function describeLimits(
  { config, state }: Pick<StreamInfo, 'config' | 'state'>,
  { maxBytes }: Pick<StreamLimits, 'maxBytes'> = defaultLimits,
): Finding | null {
  const limits = limitsOf(config, maxBytes)
  if (limits.length === 0) return describeFilling({ config, state })
  const what = limits.map((limit) => limit.what).join(', ')
  return {
    problem: `Stream ${config.name} is limited by hand (${what}): events can be removed or refused before they are read`,
    mend: `nats stream edit ${config.name} ${limits.map((limit) => limit.reset).join(' ')}`,
  }
}

const fullAt = 0.8

function describeFilling({ config, state }: Pick<StreamInfo, 'config' | 'state'>): Finding | null {
  if (!isSet(config.max_bytes) || state.bytes < config.max_bytes * fullAt) return null
  const percent = Math.floor((100 * state.bytes) / config.max_bytes)
  return {
    problem: `Stream ${config.name} is ${percent} % full: once it is, new events wait in the outbox`,
    mend: `raise STREAM_MAX_BYTES (${config.max_bytes}) and restart the service`,
  }
}

/** About how many events fit into a stream that removes old ones for new ones; null for one that does not. */
export function capacityOf({ config, state }: Pick<StreamInfo, 'config' | 'state'>): number | null {
  if (config.discard === 'new') return null
  const counts = [config.max_msgs, config.max_msgs_per_subject].filter(isSet)
  if (isSet(config.max_bytes) && state.messages > 0)
    counts.push(Math.floor(config.max_bytes / (state.bytes / state.messages)))
  return counts.length === 0 ? null : Math.max(1, Math.min(...counts))
}

function limitsOf(config: StreamInfo['config'], maxBytes: number): Limit[] {
  const limits: Limit[] = []
  if (isSet(config.max_msgs)) limits.push({ what: `max_msgs ${config.max_msgs}`, reset: '--max-msgs=-1' })
  if (isSet(config.max_msgs_per_subject))
    limits.push({
      what: `max_msgs_per_subject ${config.max_msgs_per_subject}`,
      reset: '--max-msgs-per-subject=-1',
    })
  if (isSet(config.max_bytes) && config.max_bytes < maxBytes)
    limits.push({ what: `max_bytes ${config.max_bytes}`, reset: `--max-bytes=${maxBytes}` })
  const age = maxAgeOf({ config })
  if (age > 0 && age < maxAgeMs)
    limits.push({ what: `max_age ${Math.round(age / 1_000)} s`, reset: `--max-age=${maxAgeMs / 3_600_000}h` })
  if (config.discard === 'old' && isSet(config.max_bytes) && config.max_bytes >= maxBytes)
    limits.push({ what: 'discard old', reset: '--discard=new' })
  return limits
}

function isSet(limit: number | undefined): limit is number {
  return limit !== undefined && limit > 0
}
