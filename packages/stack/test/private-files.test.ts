import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keptSecret } from '../src/kept-secret.ts'
import { makeDataFolder, writePrivateFile } from '../src/private-files.ts'

let place: string

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'private-files-'))
})
afterEach(() => rmSync(place, { recursive: true, force: true }))

const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8)

test('a data folder that others could read is closed to them, with what is in it', () => {
  const data = join(place, '.data')
  for (const name of ['secrets', 'logs', 'mysql', 'nats', 'run'])
    mkdirSync(join(data, name), { recursive: true })
  for (const name of ['.', 'secrets', 'logs']) chmodSync(join(data, name), 0o755)
  makeDataFolder(data)
  for (const name of ['.', 'secrets', 'logs', 'mysql', 'nats', 'run'])
    expect(modeOf(join(data, name)), name).toBe('700')
})

test('a new data folder is closed', () => {
  makeDataFolder(join(place, 'new/data'))
  expect(modeOf(join(place, 'new/data'))).toBe('700')
})

test('of a folder that has other things in it, only what is ours is closed', () => {
  const home = join(place, 'home')
  mkdirSync(join(home, 'pictures'), { recursive: true })
  mkdirSync(join(home, 'secrets'))
  for (const name of ['.', 'pictures', 'secrets']) chmodSync(join(home, name), 0o755)
  makeDataFolder(home)
  expect(['.', 'pictures', 'secrets'].map((name) => modeOf(join(home, name)))).toEqual(['755', '755', '700'])
})

test('a secret that others could read is closed to them when it is read or written', () => {
  const file = join(place, 'secret')
  writeFileSync(file, 'kept')
  chmodSync(file, 0o644)
  expect(keptSecret(file)).toBe('kept')
  expect(modeOf(file)).toBe('600')
  chmodSync(file, 0o666)
  writePrivateFile(file, 'other')
  expect(modeOf(file)).toBe('600')
  writePrivateFile(join(place, 'deep/new'), 'made')
  expect(modeOf(join(place, 'deep/new'))).toBe('600')
  expect(modeOf(join(place, 'deep'))).toBe('700')
})
