import { stat, watch } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { ServiceProcess } from '../service-process.ts'
import { supervise } from './supervise.ts'
import type { Terminal } from './terminal.ts'

type Options = { entry: string; terminal: Terminal; signal: AbortSignal }

// A build writes in several pieces.
const settleMs = 150

/** Supervises a service, and restarts it each time its bundle `entry` is written, until `signal`. */
export async function restartOnChange(
  service: ServiceProcess,
  { entry, terminal, signal }: Options,
): Promise<void> {
  let supervision = superviseUntilEnded(service, terminal, signal)
  try {
    for await (const _ of changesOf(entry, signal)) {
      // One that ended by itself may be starting again: it would run on beside the new one.
      await supervision.end()
      await service.stop()
      try {
        await service.start()
        terminal.line(`${terminal.good('✔')} ${service.name} restarted, ready in ${service.readyMs()} ms`)
        supervision = superviseUntilEnded(service, terminal, signal)
      } catch (error) {
        terminal.line(`${terminal.bad('✖')} ${error instanceof Error ? error.message : String(error)}`)
      }
    }
  } finally {
    await supervision.end()
  }
}

function superviseUntilEnded(service: ServiceProcess, terminal: Terminal, signal: AbortSignal) {
  const ending = new AbortController()
  const end = () => ending.abort()
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  const supervised = supervise(service, terminal, ending.signal)
  return {
    end: async (): Promise<void> => {
      signal.removeEventListener('abort', end)
      end()
      await supervised
    },
  }
}

async function* changesOf(file: string, signal: AbortSignal): AsyncGenerator<void> {
  let known = (await stat(file)).mtimeMs
  try {
    for await (const { filename } of watch(dirname(file), { signal })) {
      if (filename !== basename(file)) continue
      await delay(settleMs, undefined, { signal })
      const { mtimeMs } = await stat(file)
      if (mtimeMs === known) continue
      known = mtimeMs
      yield
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
}
