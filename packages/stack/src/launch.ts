import { spawn } from 'node:child_process'
import { closeSync, fstatSync, mkdirSync, openSync, readSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { formatMark, markOf } from './process-mark.ts'

export type LaunchOptions = {
  name: string
  command: string
  args: string[]
  env?: NodeJS.ProcessEnv
  cwd?: string
  logFile: string
  pidFile?: string
  /** Asked again and again until true; an error means "not yet". */
  ready: () => Promise<boolean>
  readyTimeoutMs?: number
  stopTimeoutMs?: number
}

/** `wanted`: we asked for it. Anything else is a crash. */
export type Exit = { code: number | null; signal: NodeJS.Signals | null; wanted: boolean }

export type Launched = AsyncDisposable & {
  pid: number
  readyMs: number
  /** Settles when the process is gone, whoever ended it. */
  exited: Promise<Exit>
  /** The last lines it wrote. */
  tail(lines?: number): string
  /** SIGTERM, and SIGKILL when that takes too long. */
  stop(): Promise<Exit>
  /** SIGKILL, at once. */
  kill(): Promise<Exit>
}

/** Starts a process and waits until it is ready. Its output goes to `logFile`. */
export async function launch(options: LaunchOptions): Promise<Launched> {
  const begun = performance.now()
  const deadline = begun + (options.readyTimeoutMs ?? 30_000)
  const launched = start(options)
  while (!(await isReady(options.ready))) {
    const exit = await Promise.race([launched.exited, delay(20)])
    if (exit)
      throw new Error(`${options.name} ended before it was ready (${describeExit(exit)})\n${launched.tail()}`)
    if (performance.now() < deadline) continue
    await launched.kill()
    throw new Error(`${options.name} was not ready in time\n${launched.tail()}`)
  }
  return { ...launched, readyMs: Math.round(performance.now() - begun) }
}

export function describeExit({ code, signal }: Exit): string {
  return signal ? `signal ${signal}` : `exit code ${code}`
}

function start(options: LaunchOptions): Omit<Launched, 'readyMs'> {
  const { command, args, env, cwd, logFile, pidFile, stopTimeoutMs = 10_000 } = options
  mkdirSync(dirname(logFile), { recursive: true, mode: 0o700 })
  const output = openSync(logFile, 'a')
  const from = fstatSync(output).size
  // In a process group of its own, so that Ctrl-C in our terminal reaches only us and we stop things in our order.
  const child = spawn(command, args, { env, cwd, stdio: ['ignore', output, output], detached: true })
  closeSync(output)
  const mark = child.pid === undefined ? undefined : markOf(child.pid)
  if (pidFile && mark) writeFileSync(pidFile, formatMark(mark))

  let wanted = false
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', (cause) => reject(new Error(`${options.name}: ${command} cannot be run`, { cause })))
    child.once('exit', (code, signal) => {
      if (pidFile) rmSync(pidFile, { force: true })
      resolve({ code, signal, wanted })
    })
  })
  async function end(signal: NodeJS.Signals): Promise<Exit> {
    wanted = true
    child.kill(signal)
    const late = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
    return exited.finally(() => clearTimeout(late))
  }
  return {
    pid: child.pid ?? -1,
    exited,
    tail: (lines = 20) => lastLines(logFile, from, lines),
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    [Symbol.asyncDispose]: async () => void (await end('SIGTERM')),
  }
}

async function isReady(ready: () => Promise<boolean>): Promise<boolean> {
  try {
    return await ready()
  } catch {
    return false // "not yet": launch() gives up by its own clock
  }
}

function lastLines(file: string, from: number, count: number): string {
  const handle = openSync(file, 'r')
  try {
    const { size } = fstatSync(handle)
    const start = Math.max(from, size - 64 * 1024)
    const bytes = Buffer.alloc(Math.max(0, size - start))
    readSync(handle, bytes, 0, bytes.length, start)
    return bytes.toString().trimEnd().split('\n').slice(-count).join('\n')
  } finally {
    closeSync(handle)
  }
}
