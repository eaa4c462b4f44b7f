import { rmSync } from 'node:fs'
import { PassThrough } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { eventually } from '../src/eventually.ts'
import { startService } from '../src/service-process.ts'
import { supervise } from '../src/start/supervise.ts'
import { openTerminal } from '../src/start/terminal.ts'
import { testDirectory } from '../src/test-directory.ts'

const logsDir = testDirectory('supervise')
const entry = fileURLToPath(new URL('small-service.mjs', import.meta.url))

afterAll(() => rmSync(logsDir, { recursive: true }))

test('a service that is killed from outside or falls over is reported and comes back on its port', async () => {
  const output = new PassThrough({ encoding: 'utf8' })
  const over = new AbortController()
  await using service = await startService({ name: 'small', entry, env: {}, logsDir })
  const watching = supervise(service, openTerminal(output), over.signal)

  const first = service.pid()
  process.kill(first, 'SIGKILL')
  const second = await eventually(() => anotherPid(service.pid(), first))
  await fetch(`${service.url}/crash`).catch(() => {})
  await eventually(() => anotherPid(service.pid(), second))

  over.abort()
  await watching
  const printed = String(output.read())
  expect(printed).toContain('✖ small ended by itself (signal SIGKILL)\n✔ small is back')
  expect(printed).toContain('✖ small ended by itself (exit code 3)\nabout to fall over\n✔ small is back')
})

test('a service that we stop stays down', async () => {
  const output = new PassThrough({ encoding: 'utf8' })
  const service = await startService({ name: 'small', entry, env: {}, logsDir })
  const watching = supervise(service, openTerminal(output), new AbortController().signal)
  await service.stop()
  await watching
  expect(output.read()).toBeNull()
})

function anotherPid(pid: number, than: number): number {
  if (pid === than) throw new Error('still the same process')
  return pid
}
