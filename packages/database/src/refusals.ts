import { outageOf } from './errors.ts'

/** A write that the server refused for want of space. `at`: of `performance.now()`. */
export type Refusal = { error: unknown; at: number }

const latest = new Map<string, Refusal>()

export function noteRefusal(url: string, error: unknown): void {
  if (outageOf(error) === 'full') latest.set(url, { error, at: performance.now() })
}

/** The last one that a pool of this process met at this database, until `forgetRefusal`. */
export function lastRefusal(url: string): Refusal | undefined {
  return latest.get(url)
}

export function forgetRefusal(url: string, refusal: Refusal): void {
  if (latest.get(url) === refusal) latest.delete(url)
}
