import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { lockedPackages, productionPackages } from './production-packages.mjs'
import { root, run } from './run.mjs'

// `npm run sbom [-- <file>]`: a CycloneDX list of all that runs in production, made by npm from package-lock.json. Needs nothing
// installed.
const path = resolve(root, process.argv[2] ?? '.data/sbom.cdx.json')
const deployed = new Set(
  productionPackages(lockedPackages()).map(({ name, version }) => `${name}@${version}`),
)
const all = await npmSbom()
const application = all.metadata.component['bom-ref']
const components = all.components.filter((component) => deployed.has(component['bom-ref']))
const missing = [...deployed].filter((ref) => !components.some((component) => component['bom-ref'] === ref))
if (missing.length > 0) throw new Error(`npm sbom does not list ${missing.join(', ')}`)

// npm calls the whole after the folder that it was cloned into.
all.metadata.component.name = application.slice(0, application.lastIndexOf('@'))
const dependencies = all.dependencies
  .filter(({ ref }) => ref === application || deployed.has(ref))
  .map(({ ref, dependsOn }) => ({ ref, dependsOn: dependsOn.filter((each) => deployed.has(each)) }))
// `npm start` keeps its secrets in the same folder.
mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
writeFileSync(path, `${JSON.stringify({ ...all, components, dependencies }, null, 2)}\n`)
console.log(`${path}: ${components.length} packages in CycloneDX ${all.specVersion}`)

async function npmSbom() {
  const options = ['--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only']
  const { code, stdout, output } = await run('npm', ['sbom', ...options])
  if (code !== 0) throw new Error(`npm sbom exited with ${code}: ${output.trim()}`)
  return JSON.parse(stdout)
}
