import { existsSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { freePort } from '../src/free-port.ts'
import { type ServiceOptions, startService } from '../src/service-process.ts'
import { testDirectory } from '../src/test-directory.ts'

const logsDir = testDirectory('services')
const entry = fileURLToPath(new URL('small-service.mjs', import.meta.url))
const start = (env: Record<string, string> = {}, options: Partial<ServiceOptions> = {}) =>
  startService({ name: 'small', entry, env, logsDir, ...options })

afterAll(() => rmSync(logsDir, { recursive: true }))

test('a service is started once it is ready, with its time and memory measured', async () => {
  await using service = await start({ READY_AFTER_MS: '300' })
  expect((await fetch(`${service.url}/readyz`)).status).toBe(200)
  expect(service.readyMs()).toBeGreaterThanOrEqual(300)
  expect(service.rssMb()).toBeGreaterThan(10)
})

test('it gets its own settings and not everything that we know', async () => {
  process.env.SOMEBODY_ELSES_SECRET = 'hush'
  await using service = await start({ DATABASE_URL: 'mysql://…' })
  const env: unknown = await (await fetch(`${service.url}/env`)).json()
  expect(env).toMatchObject({ DATABASE_URL: 'mysql://…', PORT: String(service.port), PATH: process.env.PATH })
  expect(env).not.toHaveProperty('SOMEBODY_ELSES_SECRET')
})

test('it takes the port it was given, or another when somebody has that one', async () => {
  const port = await freePort()
  const somebody = createServer().listen(port, '127.0.0.1')
  await using elsewhere = await start({}, { port })
  expect(elsewhere.port).not.toBe(port)

  await new Promise((resolve) => somebody.close(resolve))
  await using there = await start({}, { port })
  expect(there.port).toBe(port)
})

test('a service that cannot start is reported with the last lines of its log', async () => {
  await expect(start({ REFUSE: 'DATABASE_URL is missing' })).rejects.toThrow(
    /small ended before it was ready \(exit code 1\)\n(.*\n)*.*DATABASE_URL is missing/,
  )
})

test('a service that is never ready is given up', async () => {
  await expect(start({ READY_AFTER_MS: '60000' }, { readyTimeoutMs: 400 })).rejects.toThrow(
    'small was not ready in time',
  )
})

test('a crash is distinguished from a stop and reported with its last output', async () => {
  await using service = await start()
  await fetch(`${service.url}/crash`).catch(() => {})
  expect(await service.exited()).toEqual({ code: 3, signal: null, wanted: false })
  expect(service.tail(1)).toBe('about to fall over')

  await service.start()
  expect(await service.stop()).toEqual({ code: 0, signal: null, wanted: true })
})

test('after kill -9 it starts again on its port, with other settings if wanted', async () => {
  const pidFile = join(logsDir, 'small.pid')
  await using service = await start({ COLOUR: 'red' }, { pidFile })
  const [pid, { port }] = [service.pid(), service]
  expect(await service.kill()).toMatchObject({ signal: 'SIGKILL', wanted: true })
  expect(existsSync(pidFile)).toBe(false)

  await service.start({ env: { COLOUR: 'green' }, nodeArgs: ['--max-old-space-size=100'] })
  expect(service.pid()).not.toBe(pid)
  expect(service.port).toBe(port)
  const env: unknown = await (await fetch(`${service.url}/env`)).json()
  expect(env).toMatchObject({ COLOUR: 'green', argv: expect.arrayContaining(['--max-old-space-size=100']) })
})
