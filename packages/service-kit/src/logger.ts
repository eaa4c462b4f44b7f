import { type Logger, pino } from 'pino'

export type { Logger }

/** JSON lines on stdout, UTC, without secrets. */
export function createLogger({ service, level }: { service: string; level: string }): Logger {
  return pino({
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: ['*.authorization', '*.token', '*.secret', '*.password'],
  })
}
