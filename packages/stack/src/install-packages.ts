import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { findBinary } from './find-binary.ts'
import { runTool } from './run-tool.ts'

export type DistributionServer = 'mysql' | 'nats'

export function canInstallPackages(): boolean {
  return (
    existsSync('/etc/debian_version') && process.getuid?.() === 0 && findBinary(['apt-get']) !== undefined
  )
}

/** Debian's and Ubuntu's own packages, for their binaries: the services they bring are neither started nor enabled by us. */
export function installPackages(servers: DistributionServer[], log: (line: string) => void): Promise<void> {
  const mine = queue.then(() => install(servers, log))
  queue = mine.catch(() => {}) // the caller gets the error
  return mine
}

// apt works for one at a time.
let queue: Promise<void> = Promise.resolve()

async function install(servers: DistributionServer[], log: (line: string) => void): Promise<void> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  using _ = keepServicesDown()
  try {
    await runTool('apt-get', ['update', '-qq'], { env })
    const packages = (await Promise.all(servers.map(packagesFor))).flat()
    log(`Installing ${packages.join(', ')} (their system services stay off)`)
    await runTool('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env })
  } catch (cause) {
    throw new Error(`No servers for ${servers.join(' and ')} could be installed`, { cause })
  }
}

// The core packages have the binaries and no system service at all; older releases have them only under versioned names.
async function packagesFor(server: DistributionServer): Promise<string[]> {
  if (server === 'nats') return ['nats-server']
  const core = ['mariadb-server-core', 'mariadb-client-core']
  const known = await runTool('apt-cache', ['search', '--names-only', '^mariadb-(server|client)-core$'])
  return core.every((name) => known.includes(`${name} `)) ? core : ['mariadb-server']
}

// Debian asks this file before a package starts its service; 101 means "not now". One that is there already is the owner's.
function keepServicesDown(): Disposable {
  const policy = '/usr/sbin/policy-rc.d'
  if (existsSync(policy)) return { [Symbol.dispose]: () => {} }
  writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  return { [Symbol.dispose]: () => rmSync(policy, { force: true }) }
}
