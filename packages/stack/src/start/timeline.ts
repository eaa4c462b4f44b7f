import { duration, type Terminal } from './terminal.ts'

export type Timeline = { add(what: string, at: number, detail?: string): void }

/** What happened and how long after the first of it, as it happens. */
export function openTimeline(terminal: Terminal): Timeline {
  let begun: number | undefined
  return {
    add: (what, at, detail = '') => {
      begun ??= at
      const since = `+${duration(Math.max(0, at - begun))}`
      terminal.line(`  ${what.padEnd(22)} ${terminal.dim(since.padStart(9))}  ${detail}`.trimEnd())
    },
  }
}
