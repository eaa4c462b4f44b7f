import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../run.mjs'

const page = '.github/SECURITY.md'
const evidence = /(?:\.test\.ts|^\.\.\/infra\/check\/[\w-]+\.mjs)$/

/** Each threat has tests, and each test that is named exists under that name. */
export async function threatsHaveTests() {
  const rows = readFileSync(join(root, page), 'utf8').matchAll(/^\| ([^|]+) \| ([^|]+) \| (.*) \|$/gm)
  const threats = [...rows].filter(([, threat]) => threat !== 'threat')
  if (threats.length === 0) return [`${page} has lost its table of threats`]
  return threats.flatMap(([, threat, , tests]) => {
    const links = [...tests.matchAll(/\[([^\]]+)\]\(([^)]+)\)/g)]
    if (links.length === 0) return [`${page}: no test for “${threat}”`]
    return links.flatMap(([, name, link]) => problemOf(name, link))
  })
}

function problemOf(name, link) {
  const path = join(root, dirname(page), link)
  if (!evidence.test(link) || !existsSync(path)) return [`${page}: ${link} is no test`]
  return readFileSync(path, 'utf8').includes(name) ? [] : [`${page}: ${link} has no test “${name}”`]
}
