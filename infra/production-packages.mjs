import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './run.mjs'

/** What an operator runs: the services, and the command that tends them. */
const deployed = ['services/billing-gateway', 'services/order', 'services/provisioner', 'packages/cli']

/** The entries of package-lock.json by their path, such as `node_modules/zod` or `services/order`. */
export const lockedPackages = () => JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages

/**
 * Everything that runs in production, as `{ path, name, version, … }` of package-lock.json: the dependencies of what is deployed,
 * theirs, and the peers that they require. Computed here because npm's own marks do not say it: `npm sbom --omit dev` leaves zod
 * and others out, which a development tool needs as well.
 */
export function productionPackages(locked, roots = deployed) {
  const found = new Set()
  const waiting = [...roots]
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue
    found.add(path)
    for (const name of requiredBy(locked[path])) waiting.push(resolve(locked, path, name))
  }
  return [...found].sort().map((path) => ({ ...locked[path], path, name: nameOf(locked[path], path) }))
}

function requiredBy({ dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta }) {
  const peers = Object.keys(peerDependencies ?? {}).filter((name) => !peerDependenciesMeta?.[name]?.optional)
  return [...Object.keys({ ...dependencies, ...optionalDependencies }), ...peers]
}

// As Node looks for it: in node_modules of the package, then of each folder above.
function resolve(locked, from, name) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/'), 0))) {
    const path = `${folder === '' ? '' : `${folder}/`}node_modules/${name}`
    const entry = locked[path]
    if (entry) return entry.link ? entry.resolved : path
    if (folder === '')
      throw new Error(`package-lock.json has no ${name}, which ${from} requires: npm install`)
  }
}

function nameOf(entry, path) {
  const marker = 'node_modules/'
  const at = path.lastIndexOf(marker)
  return at === -1 ? entry.name : path.slice(at + marker.length)
}
