import { notSent, type PanelError } from '../panel-types/panel-error.ts'

const mostFailures = 5
const second = 1_000
const longestRestMs = 30 * second

/** Losing a race ends in 500 on a panel that is well. */
const racesLost = [
  'DaemonConnectionException',
  'DataValidationException',
  'UniqueConstraintViolationException',
]

/**
 * Five calls in a row that a panel did not answer as a panel, and it is left alone for 1, 2, 4 … 30 s. Then one call goes and
 * says whether it is back.
 */
export function createCircuitBreaker({
  timeScale,
  now = Date.now,
}: {
  timeScale: number
  now?: () => number
}) {
  let failures = 0
  let rests = 0
  let restsUntil = 0
  let isAsking = false
  let last: PanelError | null = null

  const isOpen = () => failures >= mostFailures && (isAsking || now() < restsUntil)

  return {
    /** Throws while the panel is left alone: nothing is sent. */
    enter(name: string): void {
      if (failures < mostFailures) return
      const detail = `The panel is left alone for a moment: ${last?.detail ?? ''}`
      if (isOpen())
        throw notSent(name, { detail, retryAfterMs: Math.max(0, restsUntil - now()) }, last ?? undefined)
      isAsking = true
    },
    /** What came of a call; null when it was answered well. */
    record(error: PanelError | null): void {
      isAsking = false
      if (!error || !isDown(error)) {
        failures = 0
        rests = 0
        return
      }
      last = error
      failures += 1
      // What was under way when it opened says nothing new.
      if (failures < mostFailures || now() < restsUntil) return
      restsUntil = now() + Math.min(longestRestMs, second * 2 ** rests) * timeScale
      rests += 1
    },
    state(): 'closed' | 'open' | 'half_open' {
      if (failures < mostFailures) return 'closed'
      return isOpen() ? 'open' : 'half_open'
    },
  }
}

function isDown({ kind, status, code }: PanelError): boolean {
  if (kind === 'unreachable' || kind === 'timeout') return true
  return (status ?? 0) >= 500 && !racesLost.includes(code ?? '')
}
