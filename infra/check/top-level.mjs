import { readdirSync } from 'node:fs'
import { root } from '../run.mjs'

const expected = [
  ...['package.json', 'package-lock.json', 'turbo.json', 'tsconfig.base.json'],
  ...['README.md', 'LICENSE', 'services', 'packages', 'infra'],
]

/** The first screen of the repository stays as short as it is. */
export async function topLevelStaysShort() {
  const found = readdirSync(root).filter((name) => !name.startsWith('.') && name !== 'node_modules')
  return [
    ...found.filter((name) => !expected.includes(name)).map((name) => `does not belong at the top: ${name}`),
    ...expected.filter((name) => !found.includes(name)).map((name) => `missing at the top: ${name}`),
  ]
}
