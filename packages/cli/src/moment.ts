import { InvalidArgumentError } from 'commander'

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `2h` ago, or a time in ISO 8601 (without a zone: UTC), as ISO 8601 in UTC. */
export function readMoment(text: string, now = new Date()): string {
  const [, count, unit] = /^(\d+)([smhd])$/.exec(text) ?? []
  if (count && unit)
    return new Date(now.getTime() - Number(count) * unitMs[unit as keyof typeof unitMs]).toISOString()
  const date = new Date(/[zZ]$|[+-]\d\d:?\d\d$|^\d{4}-\d\d-\d\d$/.test(text) ? text : `${text}Z`)
  if (!/^\d{4}-\d\d-\d\d/.test(text) || Number.isNaN(date.getTime()))
    throw new InvalidArgumentError('Say how long ago (90s, 30m, 2h, 7d) or when (2026-11-23T10:00:00Z).')
  return date.toISOString()
}
