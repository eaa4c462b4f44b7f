import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync, utimesSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { installed, root, run } from './run.mjs'

/** Brings what a bare clone lacks: installed packages, generated clients, bundles. Costs a moment when all is there. */
export async function prepare() {
  requireNode()
  if (!packagesMatchLock()) {
    console.error('Installing packages …')
    // Also where NODE_ENV or npm's own settings leave them out: what builds the services is among them.
    const whole = ['--include=dev', '--ignore-scripts', '--no-audit', '--no-fund']
    const cache = ownCache()
    await step('Packages installed', 'npm', ['ci', ...whole], cache && { npm_config_cache: cache })
    if (cache) rmSync(cache, { recursive: true, force: true })
  }
  await step('Built', installed('turbo'), ['run', 'generate', 'build', '--output-logs=errors-only'])
  // What was built before keeps its time, and the command would prepare again whenever a checkout made its sources younger.
  utimesSync(join(root, 'packages/cli/dist/spawnpoint.js'), new Date(), new Date())
}

// npm insists on a cache, and system users have a home that is not there or not theirs.
function ownCache() {
  let folder = process.env.npm_config_cache ?? join(homedir(), '.npm')
  while (!existsSync(folder) && folder !== dirname(folder)) folder = dirname(folder)
  try {
    accessSync(folder, constants.W_OK)
    return undefined
  } catch {
    return mkdtempSync(join(tmpdir(), 'spawnpoint-npm-'))
  }
}

function requireNode() {
  const wanted = readJson('package.json').engines.node.replace('>=', '')
  const [major, minor] = wanted.split('.').map(Number)
  const [ourMajor, ourMinor] = process.versions.node.split('.').map(Number)
  if (ourMajor > major || (ourMajor === major && ourMinor >= minor)) return
  stop(`Spawnpoint needs Node ${wanted} or newer; this is ${process.versions.node}. See https://nodejs.org`)
}

// npm writes node_modules/.package-lock.json last, so it is there only after a whole installation. The times of the two
// files say nothing (a checkout touches one, `npm install` the other): what they hold is compared.
function packagesMatchLock() {
  const found = readJson('node_modules/.package-lock.json')?.packages
  if (!found) return false
  return Object.entries(readJson('package-lock.json').packages).every(([path, locked]) => {
    if (!found[path]) return path === '' || locked.optional === true
    return found[path].version === locked.version && found[path].link === locked.link
  })
}

async function step(done, command, args, env = {}) {
  const startedAt = performance.now()
  const { code, output } = await run(command, args, { ...noSchemaEngine, ...env })
  if (code !== 0) stop(`${output}\n\`${command} ${args.join(' ')}\` failed with exit code ${code}`)
  const seconds = (performance.now() - startedAt) / 1000
  if (seconds > 1) console.error(`${done} in ${seconds.toFixed(1)} s`)
}

// The `prisma-client` generator needs no schema engine, but the CLI downloads one unless it is given a path, any path.
// turbo.json shows this to `generate` alone: with it, `prisma migrate` would do nothing and say nothing.
const noSchemaEngine = { PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }

function readJson(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8'))
  } catch (error) {
    if (error.code === 'ENOENT') return undefined
    throw new Error(`reading ${path}`, { cause: error })
  }
}

function stop(message) {
  console.error(message)
  process.exit(1)
}
