import { setTimeout as delay } from 'node:timers/promises'
import { describeExit } from '../launch.ts'
import type { ServiceProcess } from '../service-process.ts'
import type { Terminal } from './terminal.ts'

/** Reports a service that ended by itself and starts it again, until `signal`. */
export async function supervise(
  service: ServiceProcess,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const exit = await Promise.race([service.exited(), aborted(signal)])
    if (!exit || exit.wanted) return
    terminal.line(`${terminal.bad('✖')} ${service.name} ended by itself (${describeExit(exit)})`)
    // A service that was killed had nothing to say about it.
    if (exit.signal === null) terminal.line(terminal.dim(service.tail(10)))
    await bringBack(service, terminal, signal)
  }
}

async function bringBack(service: ServiceProcess, terminal: Terminal, signal: AbortSignal): Promise<void> {
  for (let pauseMs = 500; ; pauseMs = Math.min(pauseMs * 2, 30_000)) {
    await Promise.race([delay(pauseMs), aborted(signal)])
    if (signal.aborted) return
    try {
      await service.start()
      terminal.line(`${terminal.good('✔')} ${service.name} is back, ready in ${service.readyMs()} ms`)
      return
    } catch (error) {
      terminal.line(`${terminal.bad('✖')} ${error instanceof Error ? error.message : String(error)}`)
    }
  }
}

function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined)
    else signal.addEventListener('abort', () => resolve(undefined), { once: true })
  })
}
