import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

/** A process id with the time its process began, since the system gives ids again. */
export type ProcessMark = { pid: number; began: string }

export function markOf(pid: number): ProcessMark | undefined {
  const began = existsSync('/proc/self/stat') ? beganOnLinux(pid) : beganByPs(pid)
  return began === undefined ? undefined : { pid, began }
}

export function isAlive(mark: ProcessMark): boolean {
  return markOf(mark.pid)?.began === mark.began
}

export function readMark(file: string): ProcessMark | undefined {
  if (!existsSync(file)) return undefined
  const [pid, began] = readFileSync(file, 'utf8').trim().split(' ')
  return pid && began ? { pid: Number(pid), began } : undefined
}

export function formatMark({ pid, began }: ProcessMark): string {
  return `${pid} ${began}\n`
}

function beganOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command's name stands in brackets and may hold spaces; the state is the field after it, the start time the 20th.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return fields[0] === 'Z' ? undefined : fields[19]
  } catch {
    return undefined // no such process
  }
}

function beganByPs(pid: number): string | undefined {
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .replaceAll(' ', '_')
  } catch {
    return undefined // ps exits with 1 when there is no such process
  }
}
