import { copyFileSync, rmSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
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
  const over = new AbortController()
  await using service = await startService({ name: 'small', entry, env: {}, logsDir: directory })
  const watching = restartOnChange(service, { entry, terminal: openTerminal(output), signal: over.signal })

  const first = service.pid()
  await eventually(() => {
    utimesSync(entry, new Date(), new Date())
    expect(service.pid()).not.toBe(first)
  })
  const second = service.pid()
  process.kill(second, 'SIGKILL')
  await eventually(() => expect(service.pid()).not.toBe(second))

  over.abort()
  await watching
  const printed = String(output.read())
  expect(printed).toContain('✔ small restarted, ready in')
  expect(printed).toContain('✔ small is back')
})
