import { installed, run } from '../run.mjs'
import { productFiles } from './files.mjs'

/** Holds every import against `.dependency-cruiser.cjs`; one line for each broken rule. */
export async function importsFollowTheRules() {
  const args = [
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
    'packages',
    'services',
    'infra',
  ]
  const { stdout, output } = await run(installed('depcruise'), args)
  if (!stdout.startsWith('{')) return [output]
  const { modules, summary } = JSON.parse(stdout)
  const cruised = new Set(modules.map((module) => module.source))
  return [...summary.violations.map(broken(summary.ruleSetUsed)), ...unseen(cruised)]
}

function broken(rules) {
  const reasons = new Map(rules.forbidden.map(({ name, comment }) => [name, comment]))
  return ({ rule, from, to, cycle }) => {
    const path = cycle ? cycle.map((step) => step.name).join(' → ') : to
    return `${rule.name}: ${from} → ${path}\n  ${reasons.get(rule.name) ?? ''}`.trimEnd()
  }
}

// With a TypeScript it cannot drive, dependency-cruiser sees no module and finds no violation: what was not seen is a failure.
function* unseen(cruised) {
  const sources = [...productFiles()].filter((path) => /^(?:packages|services)\/.*\.ts$/.test(path))
  if (sources.length === 0) yield 'found no TypeScript at all to look at'
  for (const path of sources) if (!cruised.has(path)) yield `not looked at: ${path}`
}
