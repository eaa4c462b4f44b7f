import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configurationTable } from './configuration.mjs'
import { root } from './run.mjs'

const readme = join(root, 'infra/README.md')
const marked = /(<!-- configuration -->\n)[\s\S]*?(\n<!-- \/configuration -->)/

/** The page with what is generated from the code put in anew. */
export async function documented() {
  const text = readFileSync(readme, 'utf8')
  if (!marked.test(text)) throw new Error('infra/README.md has lost its <!-- configuration --> marks')
  const table = await configurationTable()
  return { text, wanted: text.replace(marked, (_, before, after) => before + table + after) }
}

if (process.argv[1] === import.meta.filename) writeFileSync(readme, (await documented()).wanted)
