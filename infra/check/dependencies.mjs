import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lockedPackages, productionPackages } from '../production-packages.mjs'
import { root } from '../run.mjs'

const page = 'infra/dependencies.md'
const allowedLicences = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'Unlicense',
])
/** Why these are fine all the same is in infra/dependencies.md. */
const exceptions = { mariadb: 'LGPL-2.1-or-later' }

/** Each runtime dependency has its reason, and none of them nor of theirs runs a script at its installation, has a licence that is not allowed, or comes without a checksum. */
export async function dependenciesHold() {
  const locked = lockedPackages()
  const workspaces = Object.keys(locked).filter((path) => path !== '' && !path.includes('node_modules/'))
  const installed = productionPackages(locked, workspaces).filter(({ path }) => !workspaces.includes(path))
  const required = workspaces.flatMap((path) => Object.keys(locked[path].dependencies ?? {}))
  const external = new Set(required.filter((name) => !name.startsWith('@spawnpoint/')))
  return [...problemsOfPage(external, installed), ...installed.flatMap(problemsOf)]
}

function problemsOfPage(external, installed) {
  const rows = readFileSync(join(root, page), 'utf8').matchAll(/^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \|$/gm)
  const licences = new Map([...rows].map(([, name, , licence]) => [name, licence]))
  return [
    ...[...external]
      .filter((name) => !licences.has(name))
      .map((name) => `${page}: no row says what ${name} is for`),
    ...[...licences].flatMap(([name, licence]) => {
      if (!external.has(name)) return [`${page}: ${name} is no dependency (any more)`]
      const actual = installed.find((found) => found.name === name).license
      return actual === licence ? [] : [`${page}: the licence of ${name} is ${actual}, not ${licence}`]
    }),
  ]
}

function problemsOf({ path, name, license = 'not named', hasInstallScript, integrity }) {
  const isAllowed = allowedLicences.has(license) || exceptions[name] === license
  return [
    ...(hasInstallScript ? [`${path} runs a script when it is installed: use another package`] : []),
    ...(isAllowed
      ? []
      : [`${path} has the licence ${license}, which infra/check/dependencies.mjs does not allow`]),
    ...(integrity ? [] : [`${path} has no checksum in package-lock.json: install it again`]),
  ]
}
