import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually, type Launched, launch } from '@spawnpoint/stack'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type TargetProcess, watchOver } from '../src/target.ts'

let directory: string
let current: Launched
let starts: number
let failingStarts: number
let target: TargetProcess

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'spawnpoint-target-'))
  starts = 0
  failingStarts = 0
  await start()
  target = watchOver({
    name: 'sleeper',
    pid: () => current.pid,
    exited: () => current.exited,
    kill: () => current.kill(),
    start,
    say: () => {},
  })
})

afterEach(async () => {
  target[Symbol.dispose]()
  await current.kill()
  rmSync(directory, { recursive: true })
})

test('what is killed is started again, however often that fails at first', async () => {
  const { pid } = current
  failingStarts = 2
  await target.kill(0)
  expect(current.pid).not.toBe(pid)
  expect([starts, target.crashes()]).toEqual([4, []])
})

test('a second kill waits until it is up again from the first', async () => {
  await Promise.all([target.kill(0), target.kill(0)])
  expect(starts).toBe(3)
})

test('what ends by itself is a crash, and is started again', async () => {
  process.kill(current.pid, 'SIGTERM')
  await eventually(() => expect(starts).toBe(2))
  await target.rest()
  expect(target.crashes()).toEqual(['SIGTERM'])
})

test('what is frozen stands still for that long, and then goes on as the same process', async () => {
  const { pid } = current
  const frozen = target.freeze(300)
  await eventually(() => expect(stateOf(pid)).toBe('T'))
  await frozen
  await eventually(() => expect(stateOf(pid)).not.toBe('T'))
  expect(current.pid).toBe(pid)
})

async function start(): Promise<void> {
  starts++
  if (failingStarts-- > 0) throw new Error('not today')
  current = await launch({
    name: 'sleeper',
    command: 'sleep',
    args: ['60'],
    logFile: join(directory, 'log'),
    ready: async () => true,
  })
}

/** `T`: stopped by a signal. */
function stateOf(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[0]
}
