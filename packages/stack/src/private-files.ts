import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** What is made in a data folder: secrets, customers' data, logs. */
const folders = ['logs', 'mysql', 'nats', 'nats-cluster', 'run', 'secrets']
const ours = new Set([...folders, 'sbom.cdx.json'])

/**
 * Makes a data folder that nobody else reads, also where it is there with more rights from before. One with other things in it, such
 * as a home, is a person's: there only what is ours is closed.
 */
export function makeDataFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    const names = readdirSync(path)
    if (names.every((name) => ours.has(name))) closeToOthers(path, 0o700)
    for (const name of folders) if (names.includes(name)) closeToOthers(join(path, name), 0o700)
  } catch (cause) {
    throw new Error(`${path} cannot be closed to other users: give another directory in SPAWNPOINT_DATA`, {
      cause,
    })
  }
}

/** Only its owner may read it, also where it was there before. */
export function writePrivateFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  if (existsSync(path)) closeToOthers(path, 0o600)
  writeFileSync(path, text, { mode: 0o600 })
}

/** Takes away what others may do with a file or a folder. */
export function closeToOthers(path: string, mode: 0o600 | 0o700): void {
  if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, mode)
}
