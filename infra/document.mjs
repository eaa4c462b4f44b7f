import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationTable, natsFiles } from './configuration.mjs'
import { root } from './run.mjs'

const readme = 'infra/README.md'
const marked = /(<!-- configuration -->\n)[\s\S]*?(\n<!-- \/configuration -->)/

/** The files that are generated from the code, as they are and as they should be. */
export async function documented() {
  const text = readFileSync(join(root, readme), 'utf8')
  if (!marked.test(text)) throw new Error('infra/README.md has lost its <!-- configuration --> marks')
  const table = await configurationTable()
  const page = {
    path: readme,
    text,
    wanted: text.replace(marked, (_, before, after) => before + table + after),
  }
  const files = Object.entries(await natsFiles()).map(([path, wanted]) => ({
    path,
    text: read(path),
    wanted,
  }))
  return [page, ...files]
}

function read(path) {
  try {
    return readFileSync(join(root, path), 'utf8')
  } catch {
    return ''
  }
}

if (process.argv[1] === import.meta.filename)
  for (const { path, wanted } of await documented()) writeFileSync(join(root, path), wanted)
