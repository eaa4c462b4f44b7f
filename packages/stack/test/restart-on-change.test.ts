import { copyFileSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { eventually } from '../src/eventually.ts'
import { startService } from '../src/service-process.ts'
import { restartOnChange } from '../src/start/restart-on-change.ts'
import { openTerminal } from '../src/start/terminal.ts'
import { testDirectory } from '../src/test-directory.ts'

const directory = testDirectory('restart')
const entry = join(directory, 'main.mjs')
copyFileSync(fileURLToPath(new URL('small-service.mjs', import.meta.url)), entry)

afterAll(() => rmSync(directory, { recursive: true }))

test('a service restarts on its port when its bundle is written, and is supervised again', async () => {
  const output = new PassThrough({ encoding: 'utf8' })
  let printed = ''
  output.on('data', (text: string) => {
    printed += text
  })
  const over = new AbortController()
  await using service = await startService({ name: 'small', entry, env: {}, logsDir: directory })
  const watching = restartOnChange(service, { entry, terminal: openTerminal(output), signal: over.signal })

  const first = service.pid()
  await eventually(() => {
    utimesSync(entry, new Date(), new Date())
    expect(service.pid()).not.toBe(first)
  })
  // Until the watch began it was written again and again: each write that was seen restarts it.
  await eventually(async () => {
    const second = service.pid()
    await delay(500)
    expect(service.pid()).toBe(second)
  })
  let killed: number | undefined
  await eventually(() => {
    // A last write that was seen late restarts it once more, and nobody brings back what was stopped for that.
    if (service.pid() !== killed) process.kill(service.pid(), 'SIGKILL')
    killed = service.pid()
    expect(printed).toContain('✔ small is back')
  })

  over.abort()
  await watching
  expect(printed).toContain('✔ small restarted, ready in')
})
