import {
  accessSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { formatMark, isAlive, markOf, type ProcessMark, readMark } from './process-mark.ts'

export type Claim = Disposable & {
  /** Where a process started for this directory is noted, so that whoever claims it next can stop what a crash left running. */
  pidFile(name: string): string
}

/** Makes `directory` ours until disposed. Refused while another living process has it; what a dead one left running is stopped first. */
export async function claimDirectory(directory: string): Promise<Claim> {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    accessSync(directory, constants.W_OK)
  } catch (cause) {
    throw new Error(`${directory} cannot be written to: give another directory in SPAWNPOINT_DATA`, { cause })
  }
  takeOwnership(directory)
  await stopLeftovers(directory)
  return {
    pidFile: (name) => join(directory, `${name}.pid`),
    [Symbol.dispose]: () => rmSync(ownerFile(directory), { force: true }),
  }
}

/** The claim lasts as long as what `work` made needs it; when `work` fails, it is given back at once. */
export async function inClaimedDirectory<T>(
  directory: string,
  work: (claim: Claim) => Promise<T>,
): Promise<T> {
  const claim = await claimDirectory(directory)
  try {
    return await work(claim)
  } catch (error) {
    claim[Symbol.dispose]()
    throw error
  }
}

export function ownerOf(directory: string): ProcessMark | undefined {
  const owner = readMark(ownerFile(directory))
  return owner && isAlive(owner) ? owner : undefined
}

export async function stopLeftovers(directory: string): Promise<void> {
  const files = readdirSync(directory).filter((name) => name.endsWith('.pid'))
  await Promise.all(
    files.map(async (name) => {
      const file = join(directory, name)
      const mark = readMark(file)
      if (mark) await stopByMark(mark)
      rmSync(file, { force: true })
    }),
  )
}

function takeOwnership(directory: string): void {
  const me = markOf(process.pid)
  if (!me) throw new Error('This process cannot be found in the process table')
  const file = ownerFile(directory)
  const mine = `${file}.${process.pid}`
  writeFileSync(mine, formatMark(me))
  try {
    forgetDeadOwner(directory)
    linkSync(mine, file) // unlike a rename, it fails when there is an owner
  } catch (cause) {
    const owner = ownerOf(directory)
    throw owner ? new Error(`${directory} is in use by process ${owner.pid}: stop that one first`) : cause
  } finally {
    rmSync(mine, { force: true })
  }
}

// Moved before it is deleted, so that of two who find it dead one cannot delete the other's new claim.
function forgetDeadOwner(directory: string): void {
  const file = ownerFile(directory)
  if (!existsSync(file) || ownerOf(directory)) return
  const dead = `${file}.dead-${process.pid}`
  renameSync(file, dead)
  rmSync(dead, { force: true })
}

async function stopByMark(mark: ProcessMark): Promise<void> {
  for (const [signal, patienceMs] of [
    ['SIGTERM', 10_000],
    ['SIGKILL', 5_000],
  ] as const) {
    if (isAlive(mark)) process.kill(mark.pid, signal)
    const deadline = performance.now() + patienceMs
    while (isAlive(mark) && performance.now() < deadline) await delay(20)
  }
  if (isAlive(mark)) throw new Error(`Process ${mark.pid} of an earlier run does not stop`)
}

function ownerFile(directory: string): string {
  return join(directory, 'owner')
}
