import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../run.mjs'
import { productFiles } from './files.mjs'

const leftovers = [
  { what: 'unfinished work', pattern: /\b(?:TODO|FIXME|XXX)\b/ },
  { what: "one machine's path", pattern: /(?<![\w.:/-])\/(?:home\/(?!linuxbrew)|Users\/|root\/|work\/)/ },
  { what: 'a number only its tracker knows', pattern: /\b(?:issue|ticket|pull request|closes|fixes) #?\d+/i },
  { what: "an installer's address", pattern: /"resolved": "(?:https?|git)/ },
]

/** Finds what makes sense only to whoever wrote it, or only on their machine. */
export async function nothingIsLeftLying() {
  return [...productFiles()].filter((path) => isText(path)).flatMap(inFile)
}

function isText(path) {
  return /\.(?:ts|tsx|[cm]?js|json|md|ya?ml|sql|prisma|sh|conf|html|css)$|(?:^|\/)(?:Dockerfile|run|\.env\.example)$/.test(
    path,
  )
}

function inFile(path) {
  const lines = readFileSync(join(root, path), 'utf8').split('\n')
  return lines.flatMap((line, index) =>
    leftovers
      .filter(({ pattern }) => path !== ownPath && pattern.test(line))
      .map(({ what }) => `${path}:${index + 1} ${what}: ${line.trim().slice(0, 100)}`),
  )
}

const ownPath = join('infra', 'check', 'leftovers.mjs')
