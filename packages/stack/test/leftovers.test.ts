import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { claimDirectory } from '../src/claim-directory.ts'
import { formatMark, isAlive, markOf, type ProcessMark } from '../src/process-mark.ts'
import { sweepTestDirectories, testDirectory } from '../src/test-directory.ts'

test('the next run stops what a crashed run left running', async () => {
  const directory = testDirectory('leftovers')
  const leftover = sleeper()
  writeFileSync(join(directory, 'owner'), '999999999 1\n')
  writeFileSync(join(directory, 'server.pid'), formatMark(leftover))

  using _ = await claimDirectory(directory)
  expect(isAlive(leftover)).toBe(false)
  rmSync(directory, { recursive: true })
})

test('a process that was given the same id later is not touched', async () => {
  const directory = testDirectory('leftovers')
  const stranger = sleeper()
  writeFileSync(join(directory, 'server.pid'), formatMark({ pid: stranger.pid, began: 'earlier' }))

  using _ = await claimDirectory(directory)
  expect(isAlive(stranger)).toBe(true)
  process.kill(stranger.pid)
  rmSync(directory, { recursive: true })
})

test('only one of two runs gets a directory, until it releases it', async () => {
  const directory = testDirectory('leftovers')
  const first = await claimDirectory(directory)
  await expect(claimDirectory(directory)).rejects.toThrow(`in use by process ${process.pid}`)

  first[Symbol.dispose]()
  using _ = await claimDirectory(directory)
  rmSync(directory, { recursive: true })
})

test('what another run takes away while old directories are swept fails nobody', async () => {
  const all = testDirectory('sweep')
  const [vanishing, left] = [join(all, 'a-vanishing'), join(all, 'b-left')]
  for (const directory of [vanishing, left]) mkdirSync(directory)
  // Listed, and not there when it is looked at.
  symlinkSync(join(all, 'gone'), join(vanishing, 'mysql'))
  for (const directory of [vanishing, left]) utimesSync(directory, new Date(0), new Date(0))
  await sweepTestDirectories(all)
  expect([existsSync(vanishing), existsSync(left)]).toEqual([true, false])
  rmSync(all, { recursive: true })
})

function sleeper(): ProcessMark {
  const { pid } = spawn('sleep', ['60'], { stdio: 'ignore' })
  const mark = pid === undefined ? undefined : markOf(pid)
  if (!mark) throw new Error('sleep could not be started')
  return mark
}
