import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../run.mjs'

/** Every file of the product, as paths from the root: nothing installed, generated or built. */
export function* productFiles(folder = '') {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory() && !notOurs.has(entry.name)) yield* productFiles(path)
    if (entry.isFile()) yield path
  }
}

const notOurs = new Set(['.git', '.data', '.turbo', 'node_modules', 'dist', 'generated'])
