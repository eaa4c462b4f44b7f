import type { Logger } from './logger.ts'

const drainMs = 10_000

/** Runs a service until SIGTERM or SIGINT, then drains; a second signal, or ten seconds, ends it at once. */
export async function runService(start: () => Promise<AsyncDisposable & { log: Logger }>): Promise<void> {
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
