import { nodeErrors, notSent, type PanelError } from '../panel-types/panel-error.ts'

const mostFailures = 5
const second = 1_000
const longestRestMs = 30 * second

/** A healthy panel answers 500 to a lost race. */
const racesLost = [...nodeErrors, 'DataValidationException', 'UniqueConstraintViolationException']

/**
 * Opens after five failures of the panel in a row, for 1, 2, 4 … 30 s. Then one call is sent and
 * decides whether it closes.
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
    /** Throws while open: nothing is sent. */
    enter(name: string): void {
      if (failures < mostFailures) return
      const detail = `The panel is left alone for a moment: ${last?.detail ?? ''}`
      if (isOpen())
        throw notSent(name, { detail, retryAfterMs: Math.max(0, restsUntil - now()) }, last ?? undefined)
      isAsking = true
    },
    /** The result of a call; null when it succeeded. */
    record(error: PanelError | null): void {
      isAsking = false
      if (!error || !isDown(error)) {
        failures = 0
        rests = 0
        return
      }
      last = error
      failures += 1
      // Calls that were under way when it opened do not count.
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
