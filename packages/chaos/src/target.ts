import { setTimeout as delay } from 'node:timers/promises'
import type { Exit } from '@spawnpoint/stack'

/** A process that is killed and frozen, and kept running otherwise, as an init system keeps it. */
export type TargetProcess = Disposable & {
  kill(downMs: number): Promise<void>
  freeze(forMs: number): Promise<void>
  /** By other means: `restart` ends it and starts it again. */
  restart(restart: () => Promise<void>): Promise<void>
  /** Ends that nobody here asked for, and starts that went on failing. */
  crashes(): readonly string[]
  /** Settles when everything that was asked for is done, and it is up. */
  rest(): Promise<void>
}

export type TargetOptions = {
  name: string
  pid: () => number
  exited: () => Promise<Exit>
  kill: () => Promise<unknown>
  start: () => Promise<void>
  say: (line: string) => void
}

const startPatienceMs = 300_000

/** One thing at a time is done to one process: a kill waits until it is up again from the last. */
export function watchOver({ name, pid, exited, kill, start, say }: TargetOptions): TargetProcess {
  const crashes: string[] = []
  let left = false
  let queue = Promise.resolve()
  watch()

  function enqueue(work: () => Promise<void>): Promise<void> {
    queue = queue
      .then(() => (left ? undefined : work()))
      .catch((error: unknown) => {
        crashes.push(String(error))
        say(`${name}: ${firstLine(error)}`)
      })
    return queue
  }

  function watch() {
    void exited().then((exit) => {
      if (exit.wanted || left) return
      crashes.push(exit.signal ?? `code ${exit.code}`)
      say(`${name} ended by itself (${exit.signal ?? `code ${exit.code}`})`)
      void enqueue(bringUp)
    })
  }

  async function bringUp(): Promise<void> {
    const deadline = performance.now() + startPatienceMs
    while (!left) {
      try {
        await start()
        return watch()
      } catch (error) {
        if (performance.now() > deadline) throw new Error(`${name} does not come up`, { cause: error })
        say(`${name} did not start; again: ${firstLine(error)}`)
        await delay(200)
      }
    }
  }

  return {
    kill: (downMs) =>
      enqueue(async () => {
        await kill()
        await delay(downMs)
        await bringUp()
      }),
    freeze: (forMs) =>
      enqueue(async () => {
        const frozen = pid()
        if (!signal(frozen, 'SIGSTOP')) return
        await delay(forMs)
        signal(frozen, 'SIGCONT')
      }),
    restart: (restart) =>
      enqueue(async () => {
        await restart()
        watch()
      }),
    crashes: () => crashes,
    rest: () => queue,
    // From now on its end is nobody's business.
    [Symbol.dispose]: () => {
      left = true
    },
  }
}

/** False when it ended just now. */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

function firstLine(error: unknown): string {
  return String(error).split('\n')[0] ?? ''
}
