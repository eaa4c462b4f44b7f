import { oneLine } from './plain-text.ts'

/** Why something is not healthy: what happened and what it means, and the command or click that mends it. */
export type Finding = { problem: string; mend: string }

/** `find`: null when fine. `mend`: for what it finds in words alone, throws, or does not answer in time. */
export type Check = { find: () => Promise<Finding | string | null>; mend: string }

/** By name; the runbook has a section of each name. */
export type Checks = Record<string, Check>

export function describeFinding({ problem, mend }: Finding): string {
  return oneLine(`${problem} → ${mend}`)
}

/** The reasons of all that fails, by name. Each check runs by itself: one that hangs delays no other, and is itself a reason. */
export function watchAll(checks: Checks): () => Promise<Record<string, string>> {
  const watched = Object.entries(checks).map(
    ([name, { find, mend }]) => [name, mend, shareLatest(find)] as const,
  )
  return async () => {
    const found = await Promise.all(
      watched.map(async ([name, mend, latest]) => [name, findingOf(await latest(), mend)] as const),
    )
    return Object.fromEntries(
      found.flatMap(([name, finding]) => (finding ? [[name, describeFinding(finding)]] : [])),
    )
  }
}

function findingOf(latest: Latest<Finding | string | null>, mend: string): Finding | null {
  if ('lateMs' in latest)
    return {
      problem: `This could not be checked: no answer for ${Math.round(latest.lateMs / 1_000)} s`,
      mend,
    }
  if ('error' in latest) return { problem: messageOf(latest.error), mend }
  const { value } = latest
  return typeof value === 'string' ? { problem: value, mend } : value
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

export type Latest<Value> = { value: Value } | { error: unknown } | { lateMs: number }

const keptMs = 2_000
const waitMs = 2_000
/** A result stays for so long when the next look fails or is late: one slow moment is no stall. */
const graceMs = 5_000

/**
 * Anybody may ask, and each look costs a query: one serves all who ask while it is under way and for `keptMs` after. Nobody waits for
 * longer than `waitMs`, and what hangs is not begun a second time.
 */
export function shareLatest<Value>(look: () => Promise<Value>): () => Promise<Latest<Value>> {
  let good: { value: Value; at: number } | undefined
  let last: { error?: { thrown: unknown }; at: number } | undefined
  let running: { since: number; over: Promise<void> } | undefined

  async function run(): Promise<void> {
    const at = performance.now()
    try {
      good = { value: await look(), at }
      last = { at }
    } catch (thrown) {
      last = { error: { thrown }, at: performance.now() }
    }
    running = undefined
  }

  return async () => {
    if (!running && !(last && performance.now() - last.at < keptMs))
      running = { since: performance.now(), over: run() }
    if (running) await within(waitMs, running.over)
    const now = performance.now()
    if (!running && last && !last.error && good) return { value: good.value }
    if (good && now - good.at < graceMs) return { value: good.value }
    if (running) return { lateMs: now - running.since }
    return { error: last?.error?.thrown }
  }
}

async function within(ms: number, over: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([over, late])
  clearTimeout(timer)
}
