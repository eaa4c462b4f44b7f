import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../run.mjs'
import { productFiles } from './files.mjs'

const page = 'services/billing-gateway/README.md'
const source = 'services/billing-gateway/src'
const changing = /^(?:create|update|cancel|expire|del|pay|void|finalize)/

/** The rights that the README gives a restricted key are those of the calls that the gateway makes: no more, no fewer. */
export async function stripePermissionsSuffice() {
  const calls = callsOfStripe()
  const rows = grantedRights()
  const granted = new Set(rows.flatMap(({ resources }) => resources))
  return [
    ...[...calls.keys()]
      .filter((resource) => !granted.has(resource))
      .map((resource) => `${page}: no row grants stripe.${resource}`),
    ...rows.flatMap(({ right, resources }) => {
      const unused = resources.filter((resource) => !calls.has(resource))
      if (unused.length > 0) return [`${page}: nothing calls stripe.${unused.join(', stripe.')} (any more)`]
      const methods = resources.flatMap((resource) => [...calls.get(resource)])
      const needed = methods.some((method) => changing.test(method)) ? 'Write' : 'Read'
      return right === needed ? [] : [`${page}: stripe.${resources[0]} needs ${needed}, not ${right}`]
    }),
  ]
}

/** Of rows such as `| Prices | Write | `stripe.prices`, created when a plan changes |`. */
function grantedRights() {
  const rows = readFileSync(join(root, page), 'utf8').matchAll(/^\| [^|]+ \| (Read|Write) \| (.*) \|$/gm)
  return [...rows]
    .map(([, right, use]) => ({
      right,
      resources: [...use.matchAll(/`stripe\.([\w.]+)`/g)].map(([, name]) => name),
    }))
    .filter(({ resources }) => resources.length > 0)
}

/** The methods that are called, by resource. */
function callsOfStripe() {
  const calls = new Map()
  for (const file of productFiles(source)) {
    if (!file.endsWith('.ts') || file.endsWith('.test.ts')) continue
    const text = readFileSync(join(root, file), 'utf8')
    for (const [, resource, method] of text.matchAll(/\bstripe\s*\.((?:\w+\.)*\w+)\s*\.(\w+)\(/g))
      calls.set(resource, (calls.get(resource) ?? new Set()).add(method))
  }
  return calls
}
