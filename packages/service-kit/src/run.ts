import { setFlagsFromString } from 'node:v8'
import type { Logger } from './logger.ts'

const drainMs = 10_000

/** Runs a service until SIGTERM or SIGINT, then drains; a second signal, or ten seconds, ends it at once. */
export async function runService(start: () => Promise<AsyncDisposable & { log: Logger }>): Promise<void> {
  boundHeap()
  try {
    const service = await start()
    await signalled()
    service.log.info('Stopping')
    process.once('SIGTERM', () => process.exit(1))
    process.once('SIGINT', () => process.exit(1))
    setTimeout(() => process.exit(1), drainMs).unref()
    await service[Symbol.asyncDispose]()
    service.log.info('Stopped')
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = 1
  }
}

function boundHeap(): void {
  // Left alone, V8 lets garbage grow to several times of what is in use: up to 100 MB more in each service under load.
  setFlagsFromString('--heap-growing-percent=100')
  // It also watches at the start, in a heap that is still small, how long things live: as long as a request, so it makes them
  // from then on where only a full collection finds them, and what they refer to stays there with them.
  setFlagsFromString('--no-allocation-site-pretenuring')
}

function signalled(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      process.off('SIGTERM', stop)
      process.off('SIGINT', stop)
      resolve()
    }
    process.on('SIGTERM', stop)
    process.on('SIGINT', stop)
  })
}
