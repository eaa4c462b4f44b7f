#!/usr/bin/env node
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

// Nothing but Node may be needed to get here: in a bare clone the rest is brought first, later only when a source is newer.
const own = fileURLToPath(new URL('..', import.meta.url))
const built = join(own, 'dist/spawnpoint.js')

if (!existsSync(built) || newest(join(own, 'src')) > statSync(built).mtimeMs) {
  const { prepare } = await import('../../../infra/prepare.mjs')
  await prepare()
}
await import(built)

function newest(folder) {
  const files = readdirSync(folder, { recursive: true })
  return Math.max(...files.map((file) => statSync(join(folder, file)).mtimeMs))
}
