import { availableParallelism } from 'node:os'
import { dependenciesHold } from './check/dependencies.mjs'
import { documentationHolds } from './check/documentation.mjs'
import { importsFollowTheRules } from './check/imports.mjs'
import { nothingIsLeftLying } from './check/leftovers.mjs'
import { personalDataIsNamed } from './check/personal-data.mjs'
import { schemasMatchTheirMigrations } from './check/schemas.mjs'
import { stripePermissionsSuffice } from './check/stripe-permissions.mjs'
import { threatsHaveTests } from './check/threat-model.mjs'
import { topLevelStaysShort } from './check/top-level.mjs'
import { typesHold } from './check/types.mjs'
import { vocabularyHolds } from './check/vocabulary.mjs'
import { prepare } from './prepare.mjs'
import { installed, run } from './run.mjs'

const biome = ['check', '--config-path=.biome.json', '--error-on-warnings', '.']
const spelling = [
  '--config',
  '.cspell.json',
  '--no-progress',
  '--no-summary',
  '--quiet',
  '**/*.{md,ts,mjs,cjs}',
]
const knip = ['--config', '.knip.json', '--no-progress', '--no-config-hints']

// The longest first: each check takes the next free core.
const checks = [
  ['types', typesHold],
  ['schemas', schemasMatchTheirMigrations],
  ['types of infra', () => tool('tsc', ['-p', 'infra', '--noEmit'])],
  ['dead code', () => tool('knip', knip)],
  ['spelling', () => tool('cspell', spelling)],
  ['imports', importsFollowTheRules],
  ['format and lint', () => tool('biome', biome)],
  ['top level', topLevelStaysShort],
  ['leftovers', nothingIsLeftLying],
  ['vocabulary', vocabularyHolds],
  ['documentation', documentationHolds],
  ['dependencies', dependenciesHold],
  ['Stripe permissions', stripePermissionsSuffice],
  ['threat model', threatsHaveTests],
  ['personal data', personalDataIsNamed],
]

await prepare()
const waiting = checks.values()
const lanes = Array.from({ length: availableParallelism() }, () => runAll(waiting))
const failed = (await Promise.all(lanes)).flat()
console.log(failed.length === 0 ? `${checks.length} checks passed` : `Failed: ${failed.join(', ')}`)
process.exitCode = failed.length === 0 ? 0 : 1

async function runAll(waiting) {
  const failed = []
  for (const [name, check] of waiting) {
    const startedAt = performance.now()
    const problems = await check()
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    console.log(`${problems.length === 0 ? '✔' : '✖'} ${name} ${seconds} s`)
    if (problems.length === 0) continue
    console.log(`${problems.join('\n').replace(/^/gm, '    ')}\n`)
    failed.push(name)
  }
  return failed
}

async function tool(command, args) {
  const { code, output } = await run(installed(command), args)
  return code === 0 ? [] : [output.trim() || `${command} exited with ${code}`]
}
