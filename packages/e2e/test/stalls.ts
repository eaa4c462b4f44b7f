import { readFileSync } from 'node:fs'
import { eventually, type ServiceName } from '@spawnpoint/stack'
import { expect } from 'vitest'
import type { Shop } from './shop.ts'

/** Something that stops work or waits for a person, and what `/health` has to say of it. */
export type Stall = {
  kind: string
  service: ServiceName
  /** The reason's name, which has a section in the runbook. */
  reason: string
  word?: 'degraded' | 'unhealthy'
  /** What the reason says, with the command that mends it. */
  text: RegExp
  make: () => Promise<unknown>
  mend: () => Promise<unknown>
  mendWithinMs?: number
}

type Seen = {
  kind: string
  service: string
  reason: string
  seconds: number
  word: string
  text: string
  mended: number
}
type Health = { status: string; failing?: Record<string, string> }

const withinMs = 15_000
const runbook = readFileSync(new URL('../../cli/README.md', import.meta.url), 'utf8')

/** Makes stalls, and looks how long it takes until health says so with the command, and until it is quiet about it again. */
export function openStalls(shop: Shop) {
  const seen: Seen[] = []

  async function observe({ kind, service, reason, word = 'degraded', text, ...stall }: Stall): Promise<void> {
    expect(runbook.includes(`### \`${reason}\``), `The runbook has a section of ${reason}`).toBe(true)
    await stall.make()
    const begun = performance.now()
    const told = await eventually(
      async () => {
        const { status, failing } = await healthOf(service)
        expect(failing, kind).toMatchObject({ [reason]: expect.stringMatching(text) })
        // Another stall beside it may weigh more.
        if (word === 'unhealthy') expect(status).toBe(word)
        else expect(status).not.toBe('healthy')
        return { status, text: failing?.[reason] ?? '' }
      },
      { timeoutMs: withinMs + 5_000, everyMs: 100 },
    )
    const seconds = (performance.now() - begun) / 1_000
    expect(seconds, kind).toBeLessThan(withinMs / 1_000)
    expect(told.text, kind).toMatch(/ → .{8}/)
    const isReady = (await fetch(`${shop.stack.services[service].url}/readyz`)).status === 200
    expect(isReady, `${kind}: ready`).toBe(word === 'degraded')
    await stall.mend()
    const mendedAt = performance.now()
    await eventually(async () => expect((await healthOf(service)).failing?.[reason], kind).toBeUndefined(), {
      timeoutMs: stall.mendWithinMs ?? 30_000,
      everyMs: 100,
    })
    seen.push({
      ...{ kind, service, reason, seconds, word: told.status, text: told.text },
      mended: (performance.now() - mendedAt) / 1_000,
    })
  }

  async function healthOf(service: ServiceName): Promise<Health> {
    const begun = performance.now()
    const response = await shop.send(service, 'GET', '/health')
    const health = (await response.json()) as Health
    // Whatever hangs behind it.
    expect(performance.now() - begun).toBeLessThan(6_000)
    return health
  }

  return {
    observe,
    healthOf,
    /** Nothing of the stalls is left. */
    allHealthy: (services: readonly ServiceName[]) =>
      eventually(
        async () => {
          for (const service of services) expect(await healthOf(service)).toMatchObject({ status: 'healthy' })
        },
        { timeoutMs: 60_000, everyMs: 200 },
      ),
    print(): void {
      if (!process.env.SPAWNPOINT_TEST_FIGURES) return
      const lines = seen.map(
        ({ kind, service, reason, seconds, word, text, mended }) =>
          `| ${kind} | ${service} | \`${reason}\` | ${seconds.toFixed(1)} | ${word} | ${text} | ${mended.toFixed(1)} |`,
      )
      console.log(
        [
          '| kind | service | reason | s | word | text | s until healthy |',
          '|---|---|---|---|---|---|---|',
          ...lines,
        ].join('\n'),
      )
    },
  }
}

export type Stalls = ReturnType<typeof openStalls>
