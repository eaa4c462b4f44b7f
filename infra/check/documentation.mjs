import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { documented } from '../document.mjs'
import { root } from '../run.mjs'

const readmeBytes = 8192

/** The configuration table is what the services really read, NATS permits what the contracts say, every link leads somewhere, and the README stays short. */
export async function documentationHolds() {
  const outdated = (await documented()).filter(({ text, wanted }) => text !== wanted)
  const pages = execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter((page) => page && existsSync(join(root, page)))
  const bytes = Buffer.byteLength(readFileSync(join(root, 'README.md')))
  return [
    ...outdated.map(({ path }) => `${path} is out of date: npm run document`),
    ...(bytes <= readmeBytes ? [] : [`README.md has ${bytes} bytes; ${readmeBytes} are enough`]),
    ...pages.flatMap(brokenLinks),
  ]
}

function brokenLinks(page) {
  const text = readFileSync(join(root, page), 'utf8').replaceAll(/```[\s\S]*?```/g, '')
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, link]) => {
    if (/^[a-z]+:/.test(link)) return []
    const [path, anchor] = link.split('#')
    const target = path === '' ? join(root, page) : join(root, dirname(page), path)
    if (!existsSync(target)) return [`${page}: nothing is at ${link}`]
    const isMissing = anchor && !anchorsOf(target).includes(anchor)
    return isMissing ? [`${page}: no heading of ${path || page} is #${anchor}`] : []
  })
}

// As GitHub makes them from headings.
function anchorsOf(page) {
  const headings = readFileSync(page, 'utf8').match(/^#+ .*$/gm) ?? []
  return headings.map((heading) =>
    heading
      .replace(/^#+ /, '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
