import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ownerOf, stopLeftovers } from './claim-directory.ts'

const memory = '/dev/shm'
const enoughBytes = 4 * 1024 ** 3

const root = join(isRoomy(memory) ? memory : tmpdir(), 'spawnpoint-tests')

export function testDirectory(name: string): string {
  mkdirSync(root, { recursive: true })
  return mkdtempSync(join(root, `${name}-`))
}

/** Stops and deletes what an interrupted run left behind; runs that are under way keep theirs. */
export async function sweepTestDirectories(of = root): Promise<void> {
  if (!existsSync(of)) return
  for (const name of readdirSync(of)) {
    try {
      await sweep(join(of, name))
    } catch (error) {
      // Another run that ends, or sweeps too, takes it away meanwhile.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

async function sweep(directory: string): Promise<void> {
  const children = readdirSync(directory).map((child) => join(directory, child))
  const claimable = [directory, ...children].filter((path) => statSync(path).isDirectory())
  if (isYoung(directory) || claimable.some(ownerOf)) return
  await Promise.all(claimable.map(stopLeftovers))
  rmSync(directory, { recursive: true, force: true })
}

// Another run may have made it just now and not claimed it yet.
function isYoung(directory: string): boolean {
  return Date.now() - statSync(directory).mtimeMs < 60_000
}

// Schemas and streams are made by the hundred, and none has to survive its test: on a disk they would wait for it. A
// container's memory folder is small (Docker's has 64 MB), and a setting of TMPDIR is meant.
function isRoomy(directory: string): boolean {
  if (process.env.TMPDIR || !existsSync(directory)) return false
  const { bavail, bsize } = statfsSync(directory)
  return bavail * bsize >= enoughBytes
}
