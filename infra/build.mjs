import { readFile } from 'node:fs/promises'
import { context } from 'esbuild'

// Run from a workspace's folder: `node ../../infra/build.mjs [--watch] [--whole] [entry …]`. One file per entry point: our own
// packages are bundled from their sources, everything from node_modules stays an import. With `--whole` it is bundled too: a
// service then starts with half of the work, since hundreds of files need not be found, read and linked.
const isWatching = process.argv.includes('--watch')
const isWhole = process.argv.includes('--whole')
const entryPoints = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))

const building = await context({
  entryPoints: entryPoints.length > 0 ? entryPoints : ['src/main.ts'],
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  sourcemap: true,
  logLevel: 'warning',
  ...(isWhole ? { banner: { js: commonJsNames() } } : {}),
  plugins: [
    isWhole
      ? { name: 'installed-packages-without-map', setup: leaveOutTheirMap }
      : { name: 'installed-packages-stay-imports', setup: keepInstalledPackages },
  ],
})
if (isWatching) await building.watch()
else {
  await building.rebuild()
  await building.dispose()
}

function keepInstalledPackages({ onResolve }) {
  onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
    const bundled = kind === 'entry-point' || path.startsWith('@spawnpoint/')
    return bundled ? undefined : { path, external: true }
  })
}

// A map of one empty line each: with all of theirs in ours, a service decodes megabytes at its start and keeps them, and
// nobody looks for a mistake of ours in the text of a package.
function leaveOutTheirMap({ onLoad }) {
  const emptyMap = Buffer.from(
    '{"version":3,"sources":["installed"],"sourcesContent":[""],"mappings":"AAAA"}',
  ).toString('base64')
  onLoad({ filter: /[/\\]node_modules[/\\].*\.[cm]?js$/ }, async ({ path }) => ({
    contents: `${await readFile(path, 'utf8')}\n//# sourceMappingURL=data:application/json;base64,${emptyMap}`,
    loader: 'default',
  }))
}

// What a CommonJS package finds in its scope, an ES module has not.
function commonJsNames() {
  return `import { createRequire as ownRequire } from 'node:module'
import { fileURLToPath as pathOfUrl } from 'node:url'
const require = ownRequire(import.meta.url)
const __filename = pathOfUrl(import.meta.url)
const __dirname = pathOfUrl(new URL('.', import.meta.url))`
}
