import { existsSync, readFileSync } from 'node:fs'

/** Kernel ticks a second, the same on every Linux. */
const ticksPerSecond = 100

/** What each process has computed since it began, in ms; nothing where there is no /proc. */
export function processorMs(pids: Record<string, number>): Record<string, number> {
  return Object.fromEntries(
    Object.entries(pids).flatMap(([name, pid]) => {
      const file = `/proc/${pid}/stat`
      if (!existsSync(file)) return []
      // Behind the name, which may hold blanks: utime and stime are the 12th and 13th.
      const fields = readFileSync(file, 'utf8').split(') ').at(-1)?.split(' ') ?? []
      return [[name, ((Number(fields[11]) + Number(fields[12])) * 1_000) / ticksPerSecond]]
    }),
  )
}
